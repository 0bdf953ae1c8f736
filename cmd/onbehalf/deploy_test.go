//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// deployFile is one of the files that run the bot elsewhere.
func deployFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../manifest/deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// areSettings checks that the program looks at variables of these names.
func areSettings(t *testing.T, where string, names ...string) {
	t.Helper()
	var known []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[settings]()) {
		known = append(known, field.Tag.Get("env"))
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			t.Errorf("%s sets %s, which is no setting", where, name)
		}
	}
}

func TestTheUnitOfSystemd(t *testing.T) {
	unit := deployFile(t, "onbehalf.service")
	for _, set := range regexp.MustCompile(`(?m)^#?([A-Z_]+)=`).FindAllStringSubmatch(deployFile(t, "onbehalf.env"), -1) {
		areSettings(t, "onbehalf.env", set[1])
	}
	for _, set := range regexp.MustCompile(`(?m)^Environment=([A-Z_]+)=`).FindAllStringSubmatch(unit, -1) {
		areSettings(t, "onbehalf.service", set[1])
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // systemd itself is the judge of the rest
	}
	// verify wants the program to be there.
	here := written(t, "onbehalf.service", strings.Replace(unit, "ExecStart=/usr/bin/onbehalf", "ExecStart="+os.Args[0], 1))
	for _, judge := range [][]string{{"verify", here}, {"security", "--offline=yes", "--threshold=20", here}} {
		if said, err := exec.CommandContext(t.Context(), analyze, judge...).CombinedOutput(); err != nil {
			t.Errorf("systemd-analyze %s: %v\n%s", judge[0], err, said)
		}
	}
}

// TestTheImage looks at what a container has: the program, and nothing that is root's.
// The whole check builds its content and runs it.
func TestTheImage(t *testing.T) {
	_, image, _ := strings.Cut(strings.ReplaceAll(deployFile(t, "Dockerfile"), "\\\n", " "), "\nFROM scratch\n")
	said := map[string][]string{}
	for line := range strings.Lines(image) {
		if instruction, rest, ok := strings.Cut(strings.TrimSpace(line), " "); ok && instruction != "#" {
			said[instruction] = append(said[instruction], rest)
		}
	}
	for instruction, want := range map[string][]string{
		"USER": {"65532:65532"}, "ENTRYPOINT": {`["/onbehalf"]`}, "CMD": {`["serve"]`}, "WORKDIR": {"/data"}, "EXPOSE": {"3978"},
	} {
		if !slices.Equal(said[instruction], want) {
			t.Errorf("%s is %q, want %q", instruction, said[instruction], want)
		}
	}
	if len(said["RUN"]) > 0 {
		t.Errorf("there is no shell to run %q", said["RUN"])
	}
	for _, set := range said["ENV"] {
		name, _, _ := strings.Cut(set, "=")
		areSettings(t, "Dockerfile", name)
	}
}

// What we write for Kubernetes, key by key: another key is a slip.
type (
	labels struct {
		Name string `yaml:"app.kubernetes.io/name"`
	}
	kubernetes struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct {
			Name, Namespace string
			Labels          map[string]string
		}
		Data map[string]string
		Spec struct {
			Replicas int
			Selector map[string]any
			Strategy any
			Template pod
			Ports    []struct {
				Name, Port string
				TargetPort string `yaml:"targetPort"`
			}
			MinAvailable int `yaml:"minAvailable"`
			BackoffLimit int `yaml:"backoffLimit"`
			Kept         int `yaml:"ttlSecondsAfterFinished"`
		}
	}
	pod struct {
		Metadata struct{ Labels labels }
		Spec     struct {
			Containers []container
			Restart    string `yaml:"restartPolicy"`
			Token      *bool  `yaml:"automountServiceAccountToken"`
			Grace      int    `yaml:"terminationGracePeriodSeconds"`
			Spread     any    `yaml:"topologySpreadConstraints"`
			Security   struct {
				NonRoot bool `yaml:"runAsNonRoot"`
				User    int  `yaml:"runAsUser"`
				Group   int  `yaml:"runAsGroup"`
				Seccomp any  `yaml:"seccompProfile"`
			} `yaml:"securityContext"`
			Volumes []struct {
				Name   string
				Secret struct {
					SecretName string `yaml:"secretName"`
					Items      []struct{ Key, Path string }
				}
			}
		}
	}
	container struct {
		Name, Image string
		Args        []string
		Ports       []struct {
			Name string
			Port int `yaml:"containerPort"`
		}
		EnvFrom []struct {
			ConfigMapRef struct{ Name string } `yaml:"configMapRef"`
		} `yaml:"envFrom"`
		Env []struct {
			Name, Value string
			From        struct {
				Secret struct{ Name, Key string } `yaml:"secretKeyRef"`
			} `yaml:"valueFrom"`
		}
		Startup   probe `yaml:"startupProbe"`
		Readiness probe `yaml:"readinessProbe"`
		Liveness  probe `yaml:"livenessProbe"`
		Lifecycle struct {
			PreStop struct{ Sleep struct{ Seconds int } } `yaml:"preStop"`
		}
		Resources any
		Security  struct {
			Escalation *bool `yaml:"allowPrivilegeEscalation"`
			ReadOnly   bool  `yaml:"readOnlyRootFilesystem"`
			Drop       any   `yaml:"capabilities"`
		} `yaml:"securityContext"`
		Mounts []struct {
			Name     string
			Path     string `yaml:"mountPath"`
			ReadOnly bool   `yaml:"readOnly"`
		} `yaml:"volumeMounts"`
	}
	probe struct {
		Get              struct{ Path, Port string } `yaml:"httpGet"`
		Period           int                         `yaml:"periodSeconds"`
		Timeout          int                         `yaml:"timeoutSeconds"`
		FailureThreshold int                         `yaml:"failureThreshold"`
	}
)

func TestTheFilesForKubernetes(t *testing.T) {
	found := map[string]kubernetes{}
	files, err := filepath.Glob("../../manifest/deploy/kubernetes/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all := yaml.NewDecoder(bytes.NewReader(text))
		all.KnownFields(true)
		for {
			var k kubernetes
			if err := all.Decode(&k); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", filepath.Base(file), err)
			}
			found[k.Kind] = k
		}
	}
	for kind, version := range map[string]string{
		"Namespace": "v1", "ConfigMap": "v1", "Service": "v1", "Deployment": "apps/v1", "PodDisruptionBudget": "policy/v1", "Job": "batch/v1",
	} {
		if found[kind].APIVersion != version {
			t.Errorf("%s has version %q, want %s", kind, found[kind].APIVersion, version)
		}
	}

	deployment := found["Deployment"]
	bot := deployment.Spec.Template.Spec.Containers[0]
	if deployment.Spec.Replicas != 2 || found["PodDisruptionBudget"].Spec.MinAvailable != 1 {
		t.Error("there are not two replicas, of which one always stays")
	}
	for name := range found["ConfigMap"].Data {
		areSettings(t, "settings.yaml", name)
	}
	for what, p := range map[string]pod{"the bot": deployment.Spec.Template, "the migration": found["Job"].Spec.Template} {
		c := p.Spec.Containers[0]
		for _, e := range c.Env {
			areSettings(t, what, e.Name)
		}
		if !p.Spec.Security.NonRoot || p.Spec.Security.User != 65532 || p.Spec.Token == nil || *p.Spec.Token || !c.Security.ReadOnly || c.Security.Escalation == nil || *c.Security.Escalation {
			t.Errorf("%s may do more than it has to", what)
		}
		command(t, append(c.Args, "--help")...).done(t)
	}
	for path, p := range map[string]probe{"/healthz": bot.Liveness, "/readyz": bot.Readiness} {
		if p.Get.Path != path || p.Get.Port != bot.Ports[0].Name {
			t.Errorf("the probe of %s asks %s on %s", path, p.Get.Path, p.Get.Port)
		}
	}
	if bot.Ports[0].Port != 3978 {
		t.Errorf("the bot listens on 3978, the container has %d", bot.Ports[0].Port)
	}
	// What a stop takes: the pause, turns in hand, and messages on their way.
	if stop := bot.Lifecycle.PreStop.Sleep.Seconds + 10 + 15; deployment.Spec.Template.Spec.Grace < stop {
		t.Errorf("a replica is killed after %d s and may need %d", deployment.Spec.Template.Spec.Grace, stop)
	}
	// The settings that the files give are enough to start with.
	for name, value := range found["ConfigMap"].Data {
		t.Setenv(name, value)
	}
	t.Setenv("MICROSOFT_APP_PASSWORD_FILE", written(t, "bot.secret", "x"))
	t.Setenv("DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "desk.db"))
	command(t, "migrate").done(t)
	if got := command(t, "doctor", "--to-bot-from-channel-openid-metadata-url=http://127.0.0.1:1/", "--to-channel-from-bot-login-url=http://127.0.0.1:1/"); !strings.Contains(got.out, "ok    configuration") {
		t.Errorf("the doctor says:\n%s", got.out)
	}
}

// TestTheRecipeOfARelease holds the recipe and what it packs together.
func TestTheRecipeOfARelease(t *testing.T) {
	text, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var recipe struct {
		Builds []struct {
			Main                string
			Env, Flags, Ldflags []string
		}
		Archives []struct{ Files []struct{ Src string } }
		Nfpms    []struct{ Contents []struct{ Src, Dst string } }
	}
	if err := yaml.Unmarshal(text, &recipe); err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, f := range recipe.Archives[0].Files {
		sources = append(sources, f.Src)
	}
	for _, f := range recipe.Nfpms[0].Contents {
		sources = append(sources, f.Src)
	}
	for _, source := range sources {
		if files, err := filepath.Glob(filepath.Join("../..", strings.ReplaceAll(source, "**/", ""))); err != nil || len(files) == 0 {
			t.Errorf("a release packs %s, which is not there", source)
		}
	}
	build := recipe.Builds[0]
	image := deployFile(t, "Dockerfile")
	for _, want := range slices.Concat(build.Env, build.Flags, []string{"-s -w", "-X main.version=", "-X main.commit=", "-X main.built="}) {
		if !strings.Contains(image, want) {
			t.Errorf("the image is built without %s", want)
		}
		if !strings.Contains(strings.Join(slices.Concat(build.Env, build.Flags, build.Ldflags), " "), want) {
			t.Errorf("the release is built without %s", want)
		}
	}
}
