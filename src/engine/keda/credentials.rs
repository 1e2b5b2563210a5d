//! What a SASL mechanism needs beside its name.

use super::TriggerKind;
use super::parser::{Fault, Parser};
use crate::engine::world::Lookup;

const TOKEN_PROVIDERS: &[&str] = &["bearer", "aws_msk_iam"];

impl<'p> Parser<'p> {
    /// The parameters that a mechanism needs. The first apache-kafka asks only whether they are there.
    pub(super) fn credentials(&mut self, keys: &[&'static str]) {
        let by_presence = self.kind == TriggerKind::ApacheKafka && !self.is_typed();
        let is_missing = |key: &&&str| match by_presence {
            true => (self.given.auth)(key) == Lookup::Absent,
            false => self.has(key) == Some(false),
        };
        let missing: Vec<&str> = keys.iter().filter(is_missing).copied().collect();
        if !missing.is_empty() {
            self.needs("sasl", &missing.join(" and "));
        }
    }

    fn needs(&mut self, key: &'static str, parameters: &str) {
        let found = format!("needs {parameters}, which only a TriggerAuthentication can supply");
        self.refuse(key, Fault::Value, found, "name one in authenticationRef");
    }

    pub(super) fn oauth(&mut self, tls: Option<bool>) {
        match self.token_provider() {
            Some("bearer") => {
                self.credentials(&["username", "password", "oauthTokenEndpointUri"]);
                let extensions = self.auth("oauthExtensions");
                if self.version.is_from(11)
                    && let Lookup::Found(text) = extensions
                    && !text.is_empty()
                    && text.split(',').any(|pair| pair.split('=').count() != 2)
                {
                    let found = "has oauthExtensions that are not a list of key=value";
                    self.refuse("sasl", Fault::Value, found, "must be key=value,key=value");
                }
            }
            Some("aws_msk_iam") => self.msk("saslTokenProvider", tls),
            _ => {}
        }
    }

    /// Who makes the token, if that is known and one that KEDA knows.
    fn token_provider(&mut self) -> Option<&'p str> {
        let key = "saslTokenProvider";
        if !self.version.is_from(14) {
            return Some("bearer");
        }
        let literal = self.literal(key).filter(|text| !text.is_empty());
        let text = match (literal, self.auth(key)) {
            (Some(_), Lookup::Found(_)) if !self.is_typed() => {
                self.both(key);
                return None;
            }
            (Some(text), _) | (None, Lookup::Found(text)) if !text.is_empty() => text,
            (None, Lookup::Unknown) => return None,
            _ => return Some("bearer"),
        };
        let text = text.trim();
        if !self.is_typed() {
            self.one_of(key, text, TOKEN_PROVIDERS);
        }
        Some(text)
    }

    /// Checks the name alone, as typed parsing does.
    pub(super) fn token_provider_name(&mut self) {
        let key = "saslTokenProvider";
        if let (Some(text), _) | (None, Lookup::Found(text)) = (self.literal(key), self.auth(key)) {
            self.one_of(key, text, TOKEN_PROVIDERS);
        }
    }

    pub(super) fn msk(&mut self, key: &'static str, tls: Option<bool>) {
        if tls == Some(false) {
            self.refuse(key, Fault::Value, "is aws_msk_iam, which needs TLS", "set tls to enable");
        }
        if self.literal("awsRegion").is_none_or(str::is_empty) {
            self.refuse("awsRegion", Fault::Value, "is missing, and aws_msk_iam needs it", "set it");
        }
        self.aws_keys(key);
    }

    /// `GetAwsAuthorization`, pkg/scalers/aws/aws_common.go, which reads every text as it is.
    fn aws_keys(&mut self, key: &'static str) {
        let metadata = |key: &str| self.given.metadata.get(key).filter(|text| !text.is_empty());
        if !matches!(metadata("identityOwner"), None | Some("pod")) {
            return;
        }
        let auth = |key| match (self.given.auth)(key) {
            Lookup::Found(text) => Some(!text.is_empty()),
            Lookup::Absent => Some(false),
            Lookup::Unknown => None,
        };
        let (Some(role), Some(id), Some(id_too), Some(secret)) =
            (auth("awsRoleArn"), auth("awsAccessKeyID"), auth("awsAccessKeyId"), auth("awsSecretAccessKey"))
        else {
            return;
        };
        let has_id = id || id_too;
        if role || (has_id && secret) {
            return;
        }
        let variable = |key: &str| match metadata(key).map(self.given.env) {
            Some(Lookup::Unknown) => true,
            Some(Lookup::Found(value)) => !value.is_empty(),
            Some(Lookup::Absent) | None => false,
        };
        let has_written_id = match metadata("awsAccessKeyID") {
            Some(_) => true,
            None => variable("awsAccessKeyIDFromEnv"),
        };
        // Since 2.19 an ID of the TriggerAuthentication needs a secret from there.
        let may_be_written = !(has_id && self.version.is_from(19));
        if !(may_be_written && has_written_id && variable("awsSecretAccessKeyFromEnv")) {
            self.needs(key, "an AWS role or access key");
        }
    }

    pub(super) fn kerberos(&mut self) {
        let mut missing: Vec<&str> = ["username", "realm", "kerberosConfig"]
            .into_iter()
            .filter(|key| self.has(key) == Some(false))
            .collect();
        match (self.has("password"), self.has("keytab")) {
            (Some(false), Some(false)) => missing.push("password or keytab"),
            (Some(true), Some(true)) => {
                let found = "has both password and keytab in the TriggerAuthentication";
                self.refuse("sasl", Fault::Value, found, "gssapi takes exactly one of them");
            }
            _ => {}
        }
        if !missing.is_empty() {
            self.needs("sasl", &missing.join(" and "));
        }
        // Since typed parsing security() has read it already.
        if !self.is_typed() && self.version.is_from(16) {
            self.disable_fast();
        }
    }

    pub(super) fn disable_fast(&mut self) {
        if let Lookup::Found(text) = self.auth("kerberosDisableFAST")
            && let Err(why) = self.dialect.boolean(text)
        {
            let found = format!("needs kerberosDisableFAST, which {why} in the TriggerAuthentication");
            self.refuse("sasl", Fault::Value, found, "must be \"true\" or \"false\"");
        }
    }
}
