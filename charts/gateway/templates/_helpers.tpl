{{- define "gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "gateway.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "gateway.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "gateway.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Called with (list $ "edge"). */}}
{{- define "gateway.component" -}}
{{- printf "%s-%s" (include "gateway.fullname" (index . 0)) (index . 1) -}}
{{- end -}}

{{/* What pods are selected by: never changes in the life of a release. Called with (list $ "edge"). */}}
{{- define "gateway.selector" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ include "gateway.name" $ }}
app.kubernetes.io/instance: {{ $.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Called with (list $ "edge"). */}}
{{- define "gateway.labels" -}}
{{- $ := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "gateway.selector" . }}
app.kubernetes.io/version: {{ $.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $.Release.Service }}
{{- end -}}

{{/* Called with (list $ "edge"). */}}
{{- define "gateway.image" -}}
{{- $all := (index . 0).Values.image -}}
{{- $image := index $all (index . 1) -}}
{{- with $all.registry }}{{ . }}/{{ end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository ($all.tag | default (index . 0).Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "gateway.serviceAccount" -}}
{{- $ := index . 0 -}}
{{- $account := (index $.Values (index . 1)).serviceAccount -}}
{{- if $account.create -}}
{{- $account.name | default (include "gateway.component" .) -}}
{{- else -}}
{{- $account.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "gateway.secret" -}}
{{- if not .Values.secrets.existingSecret -}}
{{- fail "\n\nsecrets.existingSecret is empty: name the Secret that holds the ticket key, the admin token, the salt and the API keys.\nTo make one (docs/kubernetes.md has the whole of it):\n\n  mkdir secret && chmod 700 secret\n  echo \"k1:$(openssl rand -hex 32)\" > secret/ticket-key\n  openssl rand -hex 32 > secret/admin-token\n  openssl rand -hex 32 > secret/salt\n  echo '[]' > secret/api-keys.yaml\n  kubectl create secret generic gateway-secrets --from-file=secret\n  helm install gateway charts/gateway --set secrets.existingSecret=gateway-secrets\n" -}}
{{- end -}}
{{- .Values.secrets.existingSecret -}}
{{- end -}}

{{- define "gateway.policyConfigMap" -}}
{{- .Values.policy.existingConfigMap | default (printf "%s-policy" (include "gateway.fullname" .)) -}}
{{- end -}}

{{/* The policy as it is in the ConfigMap: file name to text. */}}
{{- define "gateway.policyFiles" -}}
{{- $texts := dict -}}
{{- if .Values.policy.files -}}
{{- $texts = .Values.policy.files -}}
{{- else -}}
{{- range $path, $bytes := .Files.Glob "files/policies/*.yaml" -}}
{{- $_ := set $texts (base $path) (toString $bytes) -}}
{{- end -}}
{{- end -}}
{{- $placed := dict -}}
{{- $out := dict -}}
{{- range $name, $text := $texts -}}
{{- $changed := false -}}
{{- if $.Values.local.endpoints -}}
{{- $document := fromYaml $text -}}
{{- if hasKey $document "Error" -}}{{- fail (printf "policy file %s is no YAML mapping: %s" $name $document.Error) -}}{{- end -}}
{{- range $target := ($document.targets | default list) -}}
{{- if hasKey $.Values.local.endpoints $target.id -}}
{{- if ne $target.zone "local" -}}{{- fail (printf "local.endpoints: target %s is not of zone local" $target.id) -}}{{- end -}}
{{- $_ := set $target "endpoints" (index $.Values.local.endpoints $target.id) -}}
{{- $_ := set $placed $target.id true -}}
{{- $changed = true -}}
{{- end -}}
{{- end -}}
{{- if $changed -}}{{- $_ := set $out $name (printf "%s\n" (toYaml $document)) -}}{{- end -}}
{{- end -}}
{{- if not $changed -}}{{- $_ := set $out $name $text -}}{{- end -}}
{{- end -}}
{{- range $id, $_ := $.Values.local.endpoints -}}
{{- if not (hasKey $placed $id) -}}{{- fail (printf "local.endpoints: no policy file has a target %s" $id) -}}{{- end -}}
{{- end -}}
{{- toYaml $out -}}
{{- end -}}

{{/* gateway.yaml of both roles. */}}
{{- define "gateway.config" -}}
listen: {host: {{ .Values.config.listenHost | quote }}, port: 8080}
admin: {host: {{ .Values.config.listenHost | quote }}, port: 8081}
egress:
  url: http://{{ include "gateway.component" (list . "egress") }}:{{ .Values.egress.port }}
  host: {{ .Values.config.listenHost | quote }}
  port: {{ .Values.egress.port }}
data_dir: /var/lib/gateway/data
policies: /etc/gateway/policies
ticket_key_file: /etc/gateway/secrets/ticket-key
{{- with .Values.secrets.keys }}
{{- if .adminToken }}
admin_token_file: /etc/gateway/secrets/admin-token
{{- end }}
{{- if .salt }}
salt_file: /etc/gateway/secrets/salt
{{- end }}
{{- if .apiKeys }}
keys_file: /etc/gateway/secrets/api-keys.yaml
{{- end }}
{{- end }}
{{- $alerts := deepCopy .Values.config.alerts -}}
{{- if .Values.secrets.keys.alertsSecret -}}
{{- $_ := set $alerts "secret_file" "/etc/gateway/secrets/alerts" -}}
{{- else if $alerts.webhook_url -}}
{{- fail "config.alerts.webhook_url: alerts are signed; name the key of the text that signs them in secrets.keys.alertsSecret" -}}
{{- end }}
{{ toYaml (set (omit .Values.config "listenHost") "alerts" $alerts) }}
{{- end -}}

{{/* Seconds from SIGTERM to SIGKILL. Edge: propagation, streams, then 20 s for the ledger to ship what is left, and a margin. */}}
{{- define "gateway.edgeGrace" -}}
{{- add (ceil .Values.config.drain.propagation) (ceil .Values.config.drain.streams) 5 20 5 -}}
{{- end -}}

{{/* Egress: the preStop sleep counts as well. */}}
{{- define "gateway.egressGrace" -}}
{{- add (ceil .Values.config.drain.propagation) (ceil .Values.config.drain.streams) 5 5 -}}
{{- end -}}

{{- define "gateway.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "gateway.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* Where a pod may run. Called with its values. */}}
{{- define "gateway.placement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Probes of a pod. The first waits for the replay of the spool, so it is patient. */}}
{{- define "gateway.probes" -}}
startupProbe:
  httpGet: {path: /livez, port: http}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 150
livenessProbe:
  httpGet: {path: /livez, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 1
{{- end -}}
