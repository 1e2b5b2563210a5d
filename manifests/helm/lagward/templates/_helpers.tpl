{{- define "lagward.name" -}}
{{- if contains "lagward" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-lagward" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "lagward.selector" -}}
app.kubernetes.io/name: lagward
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "lagward.labels" -}}
{{ include "lagward.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "lagward.image" -}}
{{ .Values.image.repository }}
{{- with .Values.image.digest }}@{{ . }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "lagward.policy" -}}
{{- if .Values.policy }}{{ toYaml .Values.policy }}
{{ else }}{{ .Files.Get "files/lagward.yaml" }}{{ end }}
{{- end }}

{{- /* A new policy is a new name, and so a rollout: one that cannot be read stops at its first pod. */ -}}
{{- define "lagward.policyName" -}}
{{ include "lagward.name" . }}-policy-{{ include "lagward.policy" . | sha256sum | trunc 10 }}
{{- end }}

{{- define "lagward.mutates" -}}
{{- if has (.Values.policy.mutate | default "off") (list "fill" "enforce") }}true{{ end }}
{{- end }}

{{- define "lagward.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "lagward.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "lagward.placement" -}}
{{- include "lagward.nodes" . }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "lagward.nodes" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "lagward.probes" -}}
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 5
livenessProbe:
  httpGet: {path: /livez, port: http}
  periodSeconds: 10
  failureThreshold: 6
{{- end }}

{{- /* Which namespaces are judged, and which requests are worth a call. */ -}}
{{- define "lagward.scope" -}}
matchPolicy: Equivalent
sideEffects: None
admissionReviewVersions: [v1]
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values: {{ append .Values.webhooks.excludedNamespaces .Release.Namespace | uniq | toJson }}
    - key: lagward.dev/admission
      operator: NotIn
      values: ["off"]
    {{- with .Values.webhooks.namespaceSelector }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
matchConditions:
  - name: spec-or-annotations-differ
    expression: >-
      request.operation != 'UPDATE' || object.spec != oldObject.spec ||
      (has(object.metadata.annotations) ? object.metadata.annotations : {}) !=
      (has(oldObject.metadata.annotations) ? oldObject.metadata.annotations : {})
{{- end }}

{{- define "lagward.client" -}}
service:
  name: {{ include "lagward.name" .root }}
  namespace: {{ .root.Release.Namespace }}
  path: {{ .path }}
  port: 443
{{- if eq .root.Values.certificates.mode "secret" }}
caBundle: {{ .root.Values.certificates.caBundle | b64enc }}
{{- end }}
{{- end }}

{{- define "lagward.registrationAnnotations" -}}
{{- if eq .Values.certificates.mode "cert-manager" }}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "lagward.name" . }}
{{- end }}
{{- end }}

{{- define "lagward.rules.scaledObjects" -}}
- apiGroups: [keda.sh]
  apiVersions: [v1alpha1]
  resources: [scaledobjects]
  operations: [CREATE, UPDATE]
  scope: Namespaced
{{- end }}

{{- define "lagward.rules.workloads" -}}
- apiGroups: [apps]
  apiVersions: [v1]
  resources: [deployments, statefulsets]
  operations: [CREATE, UPDATE]
  scope: Namespaced
{{- end }}
