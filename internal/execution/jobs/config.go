// Package jobs judges programs in a cluster: one batch/v1 Job for each
// judging or batch, with three containers of the runner's image.
//
// The judge container is ours and holds inputs and answers. The program
// container compiles and runs the candidate and sees one input at a time; the
// tools container is for generators, validators and checkers. The programs of a
// batch run in the tools container, and its checker in the other, so that none
// of them comes near it. Each has its own
// user, its own process namespace and nothing in common with the others but a
// socket to the judge. What the judge printed is believed when its digest
// stands in its termination message, which only the judge can write.
//
// Names are made from what is judged, so that an operator that was restarted
// finds its judgings again instead of starting them anew.
package jobs

import (
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// Config is how judging pods fit into a cluster. The zero value of everything
// but Image is a good start.
type Config struct {
	// Image is the runner's: the agent and every language.
	Image           string            `json:"image,omitempty"`
	ImagePullPolicy corev1.PullPolicy `json:"imagePullPolicy,omitempty"`
	// RuntimeClassName puts a stronger wall than the kernel's around
	// programs: gVisor or Kata Containers.
	RuntimeClassName *string             `json:"runtimeClassName,omitempty"`
	NodeSelector     map[string]string   `json:"nodeSelector,omitempty"`
	Tolerations      []corev1.Toleration `json:"tolerations,omitempty"`
	// QueueName is a LocalQueue of Kueue, which has to be there in every
	// namespace with problems. Kueue starts the Jobs then.
	QueueName string `json:"queueName,omitempty"`
	// UserNamespaces gives pods user IDs of their own; the nodes must be able to.
	UserNamespaces bool `json:"userNamespaces,omitempty"`
	// FirstUser is the first of the user IDs that judgings get, three each.
	FirstUser int64 `json:"firstUser,omitempty"`
	// Users is how many there are.
	Users int64 `json:"users,omitempty"`
	// Deadline bounds one judging from the judge's start.
	Deadline metav1.Duration `json:"deadline,omitempty"`
	// Patience is how long a pod may wait for a node or its image before the
	// status of what it is for says so.
	Patience metav1.Duration `json:"patience,omitempty"`
	// Keep is how long a Job stays that nobody asks for any more.
	Keep metav1.Duration `json:"keep,omitempty"`
}

// What is taken where the configuration says nothing.
const (
	defaultFirstUser = 1_000_000
	defaultUsers     = 300_000
	defaultDeadline  = 30 * time.Minute
	defaultPatience  = 2 * time.Minute
	defaultKeep      = 24 * time.Hour
)

// maxUser is the highest user ID that Kubernetes takes.
const maxUser = 1<<31 - 1

// Load reads a Config from YAML; a field that is not known is an error.
func Load(raw []byte) (Config, error) {
	var c Config
	if err := yaml.UnmarshalStrict(raw, &c); err != nil {
		return c, fmt.Errorf("read the configuration of judgings: %w", err)
	}
	return c, nil
}

// complete fills in what is not said, and refuses what cannot work.
func (c Config) complete() (Config, error) {
	c.FirstUser = orDefault(c.FirstUser, defaultFirstUser)
	c.Users = orDefault(c.Users, defaultUsers)
	c.Deadline.Duration = orDefault(c.Deadline.Duration, defaultDeadline)
	c.Patience.Duration = orDefault(c.Patience.Duration, defaultPatience)
	c.Keep.Duration = orDefault(c.Keep.Duration, defaultKeep)
	switch {
	case c.Image == "":
		return c, errors.New("judging: image is empty; name the image of the runner")
	case c.FirstUser < 1000 || c.Users < usersPerJudging || c.FirstUser+c.Users > maxUser:
		return c, fmt.Errorf("judging: firstUser and users must be at least 1000 and %d, and give user IDs up to %d at most", usersPerJudging, maxUser)
	case c.Deadline.Duration < time.Minute || c.Patience.Duration < 0 || c.Keep.Duration < time.Minute:
		return c, errors.New("judging: deadline and keep must be at least 1m, and patience no less than 0")
	}
	return c, nil
}

func orDefault[T comparable](value, otherwise T) T {
	var none T
	if value == none {
		return otherwise
	}
	return value
}
