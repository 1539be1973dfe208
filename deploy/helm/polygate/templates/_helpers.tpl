{{- define "polygate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "polygate.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "polygate.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "polygate.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "polygate.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "polygate.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "polygate.selectorLabels" -}}
app.kubernetes.io/name: {{ include "polygate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "polygate.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "polygate.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "polygate.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* The names of the dialects that are on, as the command line spells them. */}}
{{- define "polygate.dialects" -}}
{{- $names := dict "ingress" "ingress" "ingressNginx" "ingress-nginx" "gatewayApi" "gateway-api" "traefik" "traefik" "kong" "kong" "gloo" "gloo" "ambassador" "ambassador" }}
{{- $on := list }}
{{- range $key, $name := $names }}
{{- if index $.Values.dialects $key }}{{ $on = append $on $name }}{{ end }}
{{- end }}
{{- join "," (sortAlpha $on) }}
{{- end }}

{{/* The webhook's pods are no gateways: the gateway's Service must not select them. */}}
{{- define "polygate.webhook.selectorLabels" -}}
app.kubernetes.io/name: {{ include "polygate.name" . | trunc 55 | trimSuffix "-" }}-webhook
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "polygate.webhook.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "polygate.webhook.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
