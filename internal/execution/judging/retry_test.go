package judging

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// takes prints an output after so much CPU time.
func takes(cpu time.Duration, output string) step {
	return step{output: output, result: protocol.Result{CPU: cpu}}
}

// tried is every test's verdict, with + where it was run again.
func tried(r *problem.Report) string {
	line := string(r.Verdict) + ":"
	for _, test := range r.Tests {
		line += " " + string(test.Verdict)
		if test.Retried {
			line += "+"
		}
	}
	return line
}

func TestAProgramThatIsTooSlowByLittleIsRunAgain(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name string
		stop bool
		runs []step
		want string
		// turns tells which runs were alone: the compiler's is the first.
		turns string
	}{
		{"not too slow", false, []step{takes(1000*ms, "1"), prints("2"), prints("3")}, "AC: AC AC AC", "...."},
		{"fast enough when alone", false, []step{takes(1001*ms, "1"), prints("2"), prints("3"), takes(1000*ms, "1")}, "AC: AC+ AC AC", "....!"},
		{"too slow twice", false, []step{takes(1100*ms, "1"), prints("2"), prints("3"), takes(1050*ms, "1")}, "TLE: TLE+ AC AC", "....!"},
		{"wrong when it is fast enough", false, []step{takes(1100*ms, "1"), prints("2"), prints("3"), takes(900*ms, "0")}, "WA: WA+ AC AC", "....!"},
		{"killed the second time", false, []step{takes(1100*ms, "1"), prints("2"), prints("3"), gives(protocol.Result{CPU: 1200 * ms, Cause: protocol.CauseCPU})},
			"TLE: TLE+ AC AC", "....!"},
		{"too slow by more than little", false, []step{gives(protocol.Result{CPU: 1201 * ms, Cause: protocol.CauseCPU}), prints("2"), prints("3")}, "TLE: TLE AC AC", "...."},
		{"too slow on every test, which one run decides", false, []step{takes(1100*ms, "1"), takes(1100*ms, "2"), takes(1100*ms, "3"), takes(1100*ms, "1")},
			"TLE: TLE+ TLE TLE", "....!"},
		{"by chance on every test", false, []step{takes(1100*ms, "1"), takes(1100*ms, "2"), prints("3"), takes(900*ms, "1"), takes(900*ms, "2")}, "AC: AC+ AC+ AC", "....!!"},
		{"at once where the first failure ends it", true, []step{takes(1100*ms, "1"), takes(900*ms, "1"), prints("2"), prints("3")}, "AC: AC+ AC AC", "..!.."},
		{"which may end it", true, []step{takes(1100*ms, "1"), takes(1100*ms, "1")}, "TLE: TLE+", "..!"},
		{"although it crashed", false, []step{{result: protocol.Result{CPU: 1100 * ms, ExitCode: 1}}, prints("2"), prints("3"), exits(1, "")}, "RTE: RTE+ AC AC", "....!"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := request()
			req.StopAtFirst = tt.stop
			s := &script{programs: [][]step{tt.runs}}
			report, err := s.judge(t, req)
			if err != nil || tried(report) != tt.want {
				t.Fatalf("got %+v, %v; want %s", report, err, tt.want)
			}
			turns := strings.NewReplacer("true", "!", "false", ".", " ", "", "[", "", "]", "").Replace(fmt.Sprint(s.turns))
			if turns != tt.turns {
				t.Errorf("the turns were %s, want %s", turns, tt.turns)
			}
		})
	}
}

// A second run that costs the sandbox leaves what the first one gave.
func TestASecondRunThatEndsTheSandboxIsNone(t *testing.T) {
	for name, second := range map[string]step{"at once": ends, "after its output": {output: "1", gone: true}} {
		l := &lonely{script{compile: []step{{}}, programs: [][]step{{takes(1100*time.Millisecond, "1"), prints("2"), prints("3"), second}}}}
		report, err := Run(t.Context(), request(), lab(t, l))
		l.agents.Wait()
		if err != nil || tried(report) != "TLE: TLE+ AC AC" || !report.SandboxLost {
			t.Errorf("%s: got %+v, %v", name, report, err)
		}
	}
}

func TestALimitFollowsTheMachine(t *testing.T) {
	for _, tt := range []struct {
		speed float64
		want  time.Duration
	}{{1, time.Second}, {1.05, time.Second}, {2, time.Second / 2}, {0.5, 2 * time.Second}} {
		s := &script{compile: []step{{}}, programs: [][]step{{takes(tt.want, "1"), prints("2"), prints("3")}}}
		l := lab(t, s)
		l.Speed = func() float64 { return tt.speed }
		report, err := Run(t.Context(), request(), l)
		s.agents.Wait()
		if err != nil || report.Verdict != problem.Accepted || report.Limits.Time != tt.want || report.Speed != tt.speed || report.MaxCPU() != tt.want {
			t.Errorf("%g: got %+v, %v", tt.speed, report, err)
		}
		if got := s.asked[1].Limits.CPU; got != tt.want*6/5 {
			t.Errorf("%g: the program was given %s", tt.speed, got)
		}
	}
}
