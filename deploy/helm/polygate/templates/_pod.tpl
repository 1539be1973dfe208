{{/* The pod, shared by the Deployment and the DaemonSet. */}}
{{- define "polygate.pod" -}}
metadata:
  labels:
    {{- include "polygate.selectorLabels" . | nindent 4 }}
    {{- with .Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- with .Values.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "polygate.serviceAccountName" . }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.podSecurityContext }}
  securityContext: {{- toYaml . | nindent 4 }}
  {{- end }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- if .Values.hostNetwork }}
  hostNetwork: true
  {{- end }}
  {{- with default (ternary "ClusterFirstWithHostNet" "" .Values.hostNetwork) .Values.dnsPolicy }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: polygate
      image: {{ include "polygate.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      {{- with .Values.securityContext }}
      securityContext: {{- toYaml . | nindent 8 }}
      {{- end }}
      args: {{- include "polygate.args" . | nindent 8 }}
      env:
        - name: POD_NAME
          valueFrom: { fieldRef: { fieldPath: metadata.name } }
        - name: POD_NAMESPACE
          valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
        {{- with .Values.extraEnv }}{{ toYaml . | nindent 8 }}{{ end }}
      ports:
        {{- range $name, $port := .Values.ports }}
        - name: {{ $name }}
          containerPort: {{ $port.containerPort }}
          protocol: {{ default "TCP" $port.protocol }}
          {{- if and $port.hostPort $.Values.hostNetwork (ne (int $port.hostPort) (int $port.containerPort)) }}
          {{- fail (printf "with hostNetwork the process binds the node's own ports: ports.%s.containerPort is the port, and hostPort cannot be another" $name) }}
          {{- end }}
          {{- if $port.hostPort }}
          hostPort: {{ $port.hostPort }}
          {{- end }}
        {{- end }}
        - name: probes
          containerPort: {{ .Values.probes.port }}
      livenessProbe:
        httpGet: { path: /livez, port: probes }
        {{- toYaml .Values.livenessProbe | nindent 8 }}
      readinessProbe:
        httpGet: { path: /readyz, port: probes }
        {{- toYaml .Values.readinessProbe | nindent 8 }}
      startupProbe:
        httpGet: { path: /livez, port: probes }
        {{- toYaml .Values.startupProbe | nindent 8 }}
      {{- with .Values.resources }}
      resources: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- if or .Values.snapshot.enabled .Values.extraVolumeMounts }}
      volumeMounts:
        {{- if .Values.snapshot.enabled }}
        - { name: snapshot, mountPath: /var/lib/polygate }
        {{- end }}
        {{- with .Values.extraVolumeMounts }}{{ toYaml . | nindent 8 }}{{ end }}
      {{- end }}
  {{- if or .Values.snapshot.enabled .Values.extraVolumes }}
  volumes:
    {{- if .Values.snapshot.enabled }}
    - name: snapshot
      emptyDir: { medium: Memory, sizeLimit: {{ .Values.snapshot.sizeLimit }} }
    {{- end }}
    {{- with .Values.extraVolumes }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- end }}
{{- end }}

{{- define "polygate.args" -}}
- run
{{- range splitList "," (include "polygate.dialects" .) }}
- --dialects={{ . }}
{{- end }}
- --probes=:{{ .Values.probes.port }}
- --access-log={{ .Values.accessLog }}
- --log-format={{ .Values.logFormat }}
{{- if ne .Values.localBackends "auto" }}
- --local-backends={{ .Values.localBackends }}
{{- end }}
- --drain-timeout={{ sub (int .Values.terminationGracePeriodSeconds) 10 }}
{{- range .Values.ports }}
- --map-port={{ .port }}={{ .containerPort }}
{{- end }}
{{- range .Values.watchNamespaces }}
- --watch-namespaces={{ . }}
{{- end }}
{{- if not .Values.rbac.clusterScoped }}
- --namespaced-only
- --ingress-class={{ .Values.ingressClass.name }}
- --gateway-class={{ .Values.gatewayClass.name }}
{{- end }}
{{- with .Values.watchNamespaceSelector }}
- {{ printf "--watch-namespace-selector=%s" . | quote }}
{{- end }}
{{- range .Values.claimClasses }}
- --claim={{ . }}
{{- end }}
{{- with .Values.ingressNginx.defaultBackendService }}
- --default-backend-service={{ . }}
{{- end }}
{{- with .Values.ingressNginx.defaultSslCertificate }}
- --default-ssl-certificate={{ . }}
{{- end }}
{{- with .Values.ingressNginx.configMap }}
- --configmap={{ . }}
{{- end }}
{{- with .Values.ingressNginx.tcpServicesConfigMap }}
- --tcp-services-configmap={{ . }}
{{- end }}
{{- with .Values.ingressNginx.udpServicesConfigMap }}
- --udp-services-configmap={{ . }}
{{- end }}
{{- range .Values.ingressNginx.allowSnippetAnnotations }}
- --allow-snippet-annotations={{ . }}
{{- end }}
{{- range .Values.ingressNginx.strict }}
- --ingress-nginx-strict={{ . }}
{{- end }}
{{- if .Values.ingressNginx.enableSslPassthrough }}
- --enable-ssl-passthrough
{{- end }}
{{- if .Values.ingressNginx.metrics }}
- --ingress-nginx-metrics
{{- end }}
{{- if .Values.ingressWithoutClass }}
- --ingress-without-class
{{- end }}
{{- range .Values.trustedProxies }}
- --trusted-proxies={{ . }}
{{- end }}
{{- if .Values.publishAddresses }}
{{- range .Values.publishAddresses }}
- --publish-address={{ . }}
{{- end }}
{{- else if .Values.service.enabled }}
- --publish-service={{ .Release.Namespace }}/{{ include "polygate.fullname" . }}
{{- end }}
{{- if .Values.publishNodes }}
- --publish-nodes
{{- end }}
{{- if .Values.gatewayServices }}
- --gateway-services
{{- end }}
{{- if .Values.snapshot.enabled }}
- --snapshot=/var/lib/polygate/snapshot
{{- end }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}
