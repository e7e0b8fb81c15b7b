{{- define "hub.name" -}}
{{- if contains "sluice-hub" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-sluice-hub" .Release.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "hub.selector" -}}
app.kubernetes.io/name: sluice-hub
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "hub.labels" -}}
{{ include "hub.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "hub.image" -}}
{{- $repository := required "image.repository: say where your image is, such as registry.example.com/sluice" .Values.image.repository -}}
{{- if .Values.image.digest }}{{ $repository }}@{{ .Values.image.digest }}{{ else }}{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "hub.scheme" -}}
{{- ternary "HTTP" "HTTPS" (eq .Values.tls.mode "proxy") }}
{{- end }}

{{- /* hub.yaml: what the chart decides goes before what `config` says, and nothing is said twice. */ -}}
{{- define "hub.yaml" -}}
{{- range list "dataDir" "names" "http" "mqtt" }}
{{- if hasKey $.Values.config . }}{{ fail (printf "config.%s is the chart's own: use names, tls and service of values.yaml" .) }}{{ end }}
{{- end }}
{{- $service := include "hub.name" . }}
{{- $names := concat .Values.names (list $service (printf "%s.%s" $service .Release.Namespace) (printf "%s.%s.svc" $service .Release.Namespace) (printf "%s.%s.svc.cluster.local" $service .Release.Namespace)) }}
{{- if .Values.ingress.enabled }}{{ $names = append $names .Values.ingress.host }}{{ end }}
{{- $http := dict "listen" "0.0.0.0:8080" }}
{{- if eq .Values.tls.mode "auto" }}{{ $_ := set $http "tls" "auto" }}{{ end }}
{{- if eq .Values.tls.mode "proxy" }}{{ $_ := set $http "insecure" true }}{{ end }}
{{- if eq .Values.tls.mode "secret" }}{{ $_ := set $http "tls" (dict "cert" "/run/sluice/secrets/tls.crt" "key" "/run/sluice/secrets/tls.key") }}{{ end }}
{{- $own := dict "dataDir" "/var/lib/sluice-hub" "names" (uniq $names) "http" $http "mqtt" (dict "listen" "0.0.0.0:8883") }}
{{- merge $own .Values.config | toYaml }}
{{- end }}

{{- define "hub.hasSecretFiles" -}}
{{- if or .Values.secretFiles (eq .Values.tls.mode "secret") }}yes{{ end }}
{{- end }}

{{- /* What every container here may: nothing beyond its own files. */ -}}
{{- define "hub.locked" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- /* `helm test` comes from here, whoever else is let in. */ -}}
{{- define "hub.testPeer" -}}
- podSelector:
    matchLabels:
      app.kubernetes.io/name: sluice-hub-test
      app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* The hub writes there, and the job that asks it removes the oldest. */ -}}
{{- define "hub.backups" -}}
- name: backups
  persistentVolumeClaim: { claimName: {{ required "backup.existingClaim: a claim for the backups, on another disk than the hub's" .Values.backup.existingClaim }} }
{{- end }}
