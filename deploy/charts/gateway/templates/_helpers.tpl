{{- define "gateway.name" -}}
{{- if contains "sluice-gateway" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-sluice-gateway" .Release.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "gateway.selector" -}}
app.kubernetes.io/name: sluice-gateway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "gateway.labels" -}}
{{ include "gateway.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "gateway.image" -}}
{{- $repository := required "image.repository: say where your image is, such as registry.example.com/sluice-gateway" .Values.image.repository -}}
{{- if .Values.image.digest }}{{ $repository }}@{{ .Values.image.digest }}{{ else }}{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* Root only where EdgeCore's socket demands it. */ -}}
{{- define "gateway.uid" -}}
{{- if .Values.kubeedge.mapper }}0{{ else }}{{ .Values.uid }}{{ end }}
{{- end }}

{{- /* Without the network of the node only a scraper needs to come in. */ -}}
{{- define "gateway.listen" -}}
{{- if .Values.metrics.podMonitor.enabled }}0.0.0.0{{ else }}127.0.0.1{{ end }}:{{ .Values.statusPort }}
{{- end }}

{{- /* gateway.yaml: what the chart decides goes before what `config` says, and nothing is said twice. */ -}}
{{- define "gateway.yaml" -}}
{{- range list "gateway" "dataDir" "http" "hardware" }}
{{- if hasKey $.Values.config . }}{{ fail (printf "config.%s is the chart's own: use gateway, data and nodeName of values.yaml" .) }}{{ end }}
{{- end }}
{{- $own := dict "gateway" (required "gateway: the gateway's id at the hub, such as seoul-plant-1" .Values.gateway) "dataDir" "/var/lib/sluice" "http" (dict "listen" (include "gateway.listen" .)) }}
{{- with .Values.nodeName }}{{ $_ := set $own "hardware" . }}{{ end }}
{{- if .Values.kubeedge.mapper }}
{{- $folder := .Values.kubeedge.dmiSockPath }}
{{- $_ := set $own "kubeedge" (merge (dict "enabled" true "dmiSocket" (printf "%s/dmi.sock" $folder) "socket" (printf "%s/sluice.sock" $folder)) (.Values.config.kubeedge | default dict)) }}
{{- end }}
{{- if and (not .Values.kubeedge.mapper) (dig "kubeedge" "enabled" false .Values.config) (dig "kubeedge" "dmiSocket" true .Values.config) }}
{{- fail "config.kubeedge without kubeedge.mapper: true reaches no socket of EdgeCore; for the node's broker alone say config.kubeedge.dmiSocket: false" }}
{{- end }}
{{- if and .Values.serial.paths (not .Values.serial.privileged) }}
{{- fail "serial.paths needs serial.privileged: true, since the device cgroup keeps other pods out; a device plugin (serial.plugin) needs no privilege" }}
{{- end }}
{{- if and .Values.kubeedge.mapper .Values.serial.privileged }}
{{- fail "kubeedge.mapper with serial.privileged is root with every right on the node: take a device plugin (serial.plugin), or a device server and RTU over TCP" }}
{{- end }}
{{- if and .Values.join.hub (not .Values.config.hub) }}
{{- fail "join.hub: where readings go is said by config.hub, such as { url: mqtts://hub.example.com:8883 }" }}
{{- end }}
{{- merge $own .Values.config | toYaml }}
{{- end }}

{{- /* The name goes beside the labels of any node at the edge. */ -}}
{{- define "gateway.nodeSelector" -}}
{{- $all := merge (dict) .Values.nodeSelector }}
{{- with .Values.nodeName }}{{ $_ := set $all "kubernetes.io/hostname" . }}{{ end }}
{{- with $all }}{{ toYaml . }}{{ end }}
{{- end }}

{{- /* Answers once the journal is open, and as long as every part runs. */ -}}
{{- define "gateway.health" -}}
{{- if .Values.hostNetwork -}}
httpGet: { host: 127.0.0.1, path: /healthz, port: {{ .Values.statusPort }} }
{{- else -}}
exec: { command: [node, /opt/sluice/deploy/container/healthcheck.mjs] }
{{- end }}
{{- end }}

{{- define "gateway.locked" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
