package main

import (
	"fmt"
	"slices"
	"strings"
)

// settingsReader collects the settings, and everything that is wrong with
// them.
type settingsReader struct {
	env      map[string]string
	readFile func(string) ([]byte, error)
	flags    map[string]string
	config   Config
	faults   []SettingFault
	given    map[string]bool // by name: there is some value, good or not
	faulty   map[string]bool
}

func variables(environ []string) map[string]string {
	env := map[string]string{}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok {
			env[name] = value
		}
	}
	return env
}

func (r *settingsReader) fault(name, format string, args ...any) {
	r.faulty[name] = true
	r.faults = append(r.faults, SettingFault{name, fmt.Sprintf(format, args...)})
}

func (r *settingsReader) warn(name, format string, args ...any) {
	r.config.Warnings = append(r.config.Warnings, SettingFault{name, fmt.Sprintf(format, args...)})
}

func (r *settingsReader) setting(s setting) {
	value, ok := r.value(s)
	switch {
	case !ok && s.Required && !r.faulty[s.Name]:
		r.fault(s.Name, "is required: %s", s.Meaning)
		return
	case !ok:
		value = s.Default
	}
	if value == "" {
		return
	}
	if err := s.read(&r.config, value); err != nil {
		r.fault(s.Name, "%s", err)
	}
}

// value finds what was given for a setting: by flag, in the environment, or,
// for a secret, in a file. An empty value is none, with a warning: it may be what
// a misspelled reference in a deployment leaves behind.
func (r *settingsReader) value(s setting) (string, bool) {
	value, source := r.flags[s.Flag], "--"+s.Flag
	if s.Flag == "" || value == "" {
		value, source = r.env[s.Name], s.Name
	} else if s.Secret && strings.Contains(value, "@") {
		r.given[s.Name] = true
		r.fault(s.Name, "with a password must not be a flag, which others can read: use the environment or %s_FILE", s.Name)
		return "", false
	}
	path := r.env[s.Name+"_FILE"]
	inFile, inEnv := path != "" && s.Secret, r.env[s.Name] != ""
	r.given[s.Name] = value != "" || inEnv || inFile
	switch {
	case inFile && r.given[s.Name] && (inEnv || value != ""):
		r.fault(s.Name, "is given twice: unset %s or %s_FILE", source, s.Name)
	case inFile:
		return r.file(s.Name, path)
	}
	if empty, there := r.env[s.Name]; there && empty == "" {
		r.warn(s.Name, "is empty and counts as not given")
	}
	return value, value != "" && !r.faulty[s.Name]
}

// file reads a secret from the file that name_FILE names; one final line break
// is the editor's, not the secret's.
func (r *settingsReader) file(name, path string) (string, bool) {
	b, err := r.readFile(path)
	if err != nil {
		r.fault(name, "cannot be read from %s_FILE (%s): %v", name, path, cause(err))
		return "", false
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if value == "" {
		r.fault(name, "is empty: the file that %s_FILE names (%s) holds nothing", name, path)
	}
	return value, value != ""
}

// checkNames warns of variables that look like settings and are none.
func (r *settingsReader) checkNames() {
	secret, known := map[string]bool{}, []string{}
	for _, s := range settings() {
		secret[s.Name] = s.Secret
		known = append(known, s.Name)
		if s.Secret {
			known = append(known, s.Name+"_FILE")
		}
	}
	for name := range r.env {
		ours := strings.HasPrefix(name, "SENHASEGURA_") || strings.HasPrefix(name, "MYSAFE_") || strings.HasPrefix(name, "SLACK_")
		if !ours || slices.Contains(known, name) {
			continue
		}
		base, file := strings.CutSuffix(name, "_FILE")
		if isSecret, is := secret[base]; file && is && !isSecret {
			r.warn(name, "is not a setting: only secrets are read from files; set %s", base)
		} else if near := nearest(name, known); near != "" {
			r.warn(name, "is not a setting: did you mean %s?", near)
		}
	}
	slices.SortFunc(r.config.Warnings, func(a, b SettingFault) int { return strings.Compare(a.Setting, b.Setting) })
}
