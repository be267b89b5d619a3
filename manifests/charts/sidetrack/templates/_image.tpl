{{- /* The whole name of an image: `part` is agent or sidecar. */ -}}
{{- define "sidetrack.image" -}}
{{- $values := .root.Values -}}
{{- $own := get $values.images .part -}}
{{- if $own -}}
{{- $own -}}
{{- else -}}
{{- with $values.registry }}{{ trimSuffix "/" . }}/{{ end }}sidetrack/{{ .part }}:{{ $values.tag | default .root.Chart.AppVersion -}}
{{- end -}}
{{- end -}}
