{{- define "refresher.selector" -}}
app.kubernetes.io/name: random-refresher
app.kubernetes.io/component: node-daemon
{{- end -}}

{{- define "refresher.labels" -}}
{{ include "refresher.selector" . }}
app.kubernetes.io/part-of: random-refresher
{{- end -}}

{{- define "refresher.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The Pod Security level that the variant needs. */ -}}
{{- define "refresher.level" -}}
{{- get (dict "privileged" "privileged" "book" "privileged" "device-plugin" "baseline" "device-plugin-nonroot" "restricted" "cpu" "restricted") .Values.variant -}}
{{- end -}}

{{- /* The file as it is, or its keys with the values' own over them. */ -}}
{{- define "refresher.config" -}}
{{- $file := .Files.Get "files/refresher.yaml" -}}
{{- $over := deepCopy .Values.config -}}
{{- if eq .Values.variant "cpu" -}}
{{- $over = mergeOverwrite (dict "source" (dict "kind" "cpu")) $over -}}
{{- end -}}
{{- /* --set takes 0.5 for a text, and the daemon wants a number. */ -}}
{{- range $keys := $over -}}
{{- range $key, $value := $keys -}}
{{- if and (kindIs "string" $value) (regexMatch "^[0-9]+[.][0-9]+$" $value) -}}
{{- $_ := set $keys $key (float64 $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $over -}}
{{ mergeOverwrite (fromYaml $file) $over | toYaml }}
{{ else -}}
{{ $file }}
{{- end -}}
{{- end -}}

{{- /* With a rollout for each change the name holds a hash of the content. */ -}}
{{- define "refresher.configName" -}}
random-refresher
{{- if eq .Values.configChange "rollout" -}}
-config-{{ include "refresher.config" . | sha256sum | trunc 10 }}
{{- end -}}
{{- end -}}

{{- define "refresher.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
periodSeconds: {{ .period }}
failureThreshold: {{ .failures }}
timeoutSeconds: 2
{{- end -}}
