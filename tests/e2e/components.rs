//! The flags with which the parts of a Kubernetes cluster run on the loopback.

use std::path::Path;

pub(crate) fn etcd(dir: &Path, port: u16, peer_port: u16) -> Vec<String> {
    let (url, peer) = (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{peer_port}"));
    vec![
        format!("--data-dir={}/etcd", dir.display()),
        format!("--listen-client-urls={url}"),
        format!("--advertise-client-urls={url}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
        "--log-level=warn".to_owned(),
        // The data is thrown away: nobody needs it on the disk.
        "--unsafe-no-fsync".to_owned(),
    ]
}

pub(crate) fn api_server(dir: &Path, port: u16, etcd_port: u16) -> Vec<String> {
    let dir = dir.display();
    vec![
        format!("--etcd-servers=http://127.0.0.1:{etcd_port}"),
        format!("--secure-port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--cert-dir={dir}"),
        format!("--tls-cert-file={dir}/api.crt"),
        format!("--tls-private-key-file={dir}/api.key"),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={dir}/sa.pub"),
        format!("--service-account-signing-key-file={dir}/sa.key"),
        format!("--token-auth-file={dir}/tokens.csv"),
        "--authorization-mode=RBAC".to_owned(),
        "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
        // Pods need no token here, and would wait for the controller that makes their account.
        "--disable-admission-plugins=ServiceAccount".to_owned(),
        format!("--admission-control-config-file={dir}/admission.yaml"),
        format!("--audit-policy-file={dir}/audit-policy.yaml"),
        format!("--audit-log-path={dir}/audit.log"),
    ]
}

pub(crate) fn controllers(dir: &Path, port: u16) -> Vec<String> {
    let mut flags = component(dir, port);
    flags.push(format!("--service-account-private-key-file={}/sa.key", dir.display()));
    flags
}

pub(crate) fn scheduler(dir: &Path, port: u16) -> Vec<String> {
    component(dir, port)
}

fn component(dir: &Path, port: u16) -> Vec<String> {
    let dir = dir.display();
    vec![
        format!("--kubeconfig={dir}/kubeconfig"),
        format!("--authentication-kubeconfig={dir}/kubeconfig"),
        format!("--authorization-kubeconfig={dir}/kubeconfig"),
        "--leader-elect=false".to_owned(),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--secure-port={port}"),
    ]
}

/// kwok plays the kubelet of every node: pods become ready, nothing is run.
pub(crate) fn kwok(dir: &Path, stages: &Path, port: u16) -> Vec<String> {
    vec![
        format!("--kubeconfig={}/kubeconfig", dir.display()),
        "--manage-all-nodes".to_owned(),
        "--node-lease-duration-seconds=40".to_owned(),
        format!("--config={}", stages.display()),
        format!("--server-address=127.0.0.1:{port}"),
    ]
}
