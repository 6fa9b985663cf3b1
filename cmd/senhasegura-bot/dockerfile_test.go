package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one line of the Dockerfile.
type instruction struct{ word, rest string }

// stages are the instructions of the Dockerfile, by stage.
func stages(t *testing.T) [][]instruction {
	t.Helper()
	src, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]instruction
	for line := range strings.Lines(strings.ReplaceAll(string(src), "\\\n", " ")) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case word == "" || strings.HasPrefix(word, "#"):
			continue
		case word == "FROM":
			all = append(all, nil)
		case len(all) == 0:
			t.Fatalf("%s before the first FROM", word)
		}
		all[len(all)-1] = append(all[len(all)-1], instruction{word, rest})
	}
	return all
}

// those are the rests of a stage's instructions of one word.
func those(stage []instruction, word string) []string {
	var all []string
	for _, i := range stage {
		if i.word == word {
			all = append(all, i.rest)
		}
	}
	return all
}

// TestImageHoldsNothingElse: the last stage has no shell and nobody's
// privileges, and trusts the public authorities.
func TestImageHoldsNothingElse(t *testing.T) {
	all := stages(t)
	if len(all) != 2 {
		t.Fatalf("%d stages, want a build and an image", len(all))
	}
	image := all[1]
	const certificates = "/etc/ssl/certs/ca-certificates.crt"
	for _, want := range []struct{ word, rest string }{
		{"FROM", "scratch"},
		{"USER", "65532:65532"},
		{"EXPOSE", "8080"},
		{"ENTRYPOINT", `["/senhasegura-bot"]`},
		{"CMD", `["serve"]`},
	} {
		if got := those(image, want.word); !slices.Equal(got, []string{want.rest}) {
			t.Errorf("%s is %q in the image, want %q", want.word, got, want.rest)
		}
	}
	copies := []string{"--from=build " + certificates + " " + certificates, "--from=build /out/senhasegura-bot /senhasegura-bot"}
	if got := those(image, "COPY"); !slices.Equal(got, copies) {
		t.Errorf("the image copies %q, want %q", got, copies)
	}
	for _, word := range []string{"RUN", "HEALTHCHECK", "ENV", "ARG", "ADD", "VOLUME"} {
		if got := those(image, word); len(got) > 0 {
			t.Errorf("the image has %s %q: there is no shell for it, and settings come from outside", word, got)
		}
	}
}

// TestImageIsBuiltByTheModulesGo: the Go of the image is the one go.mod asks for.
func TestImageIsBuiltByTheModulesGo(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	if from := those(stages(t)[0], "FROM"); !strings.HasPrefix(from[0], "golang:"+string(version[1])+"-") || !strings.HasSuffix(from[0], " AS build") {
		t.Errorf("the build starts from %q, want golang:%s-… AS build", from[0], version[1])
	}
}

// TestImageBuild: the binary needs no loader, which a scratch image has not,
// and names no path of the machine that built it. CI runs this very command.
func TestImageBuild(t *testing.T) {
	runs := those(stages(t)[0], "RUN")
	want := []string{"go mod download", `CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/senhasegura-bot ./cmd/senhasegura-bot`}
	if !slices.Equal(runs, want) {
		t.Errorf("the build runs %q, want %q", runs, want)
	}
	ci, err := os.ReadFile("../../.ci/run")
	if err != nil || !strings.Contains(string(ci), "s/^RUN \\(CGO_ENABLED=0 go build .*\\)") {
		t.Errorf(".ci/run no longer takes the build command from the Dockerfile (%v)", err)
	}
}
