package jobs

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/judging"
	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// order is what is asked for, a request or a batch.
type order struct {
	owner    execution.Owner
	key      string
	priority execution.Priority
	hold     func(*execution.Error)
	batch    bool
	parcel   *parcel.Parcel
	// program and tools are what these containers have to bear.
	program, tools load
}

// load is what a container with an agent has to bear.
type load struct {
	// cpu and requested are what a node must have left for it.
	cpu       string
	requested int64
	// memory is what a program in it may take.
	memory int64
}

// helperBytes is what a tool may be expected to take; few need what they may.
const helperBytes = 256 << 20

// The kinds of loads: what the whole pod is there for, what helps with it for a
// while, and nothing.
func principal(memory int64) load { return load{"500m", memory + agentBytes, memory} }
func helper(memory int64) load    { return load{"100m", helperBytes, memory} }
func idle() load                  { return load{"10m", 64 << 20, 0} }

func (l load) resources() corev1.ResourceRequirements {
	const folders = workBytes + tempBytes + shmBytes
	return resources(l.cpu, l.requested, max(l.memory, judging.CompileMemory)+folders+agentBytes, logBytes)
}

// ofRequest is the order for a judging.
func ofRequest(req execution.Request) (order, error) {
	if err := req.Validate(); err != nil {
		return order{}, err
	}
	req.Tools = req.Needed()
	language, err := toolchain.Find(req.Language)
	if err != nil {
		return order{}, err
	}
	tools, err := memoryOf(req.Tools, req.Make)
	if err != nil {
		return order{}, err
	}
	packed, err := parcel.Pack(req)
	o := order{
		owner: req.Owner, key: req.Key, priority: req.Priority, hold: req.Hold, parcel: packed,
		program: principal(language.Limits(req.Limits).MemoryBytes), tools: idle(),
	}
	if len(req.Tools) > 0 {
		o.tools = helper(tools)
	}
	return o, err
}

// ofBatch is the order for a batch. Its programs are the tools; a checker among
// them has the other container.
func ofBatch(batch execution.Batch) (order, error) {
	if err := batch.Validate(); err != nil {
		return order{}, err
	}
	if batch.KeepLarge {
		return order{}, fmt.Errorf("the batch %s cannot be run in a pod: its report has no room for more than %d KiB of outputs", batch.Key, execution.MaxKept>>10)
	}
	batch.Programs = batch.Needed()
	memory, err := memoryOf(batch.Programs, batch.Steps)
	if err != nil {
		return order{}, err
	}
	packed, err := parcel.PackBatch(batch)
	o := order{
		owner: batch.Owner, key: batch.Key, priority: batch.Priority, hold: batch.Hold, batch: true, parcel: packed,
		program: idle(), tools: principal(memory),
	}
	o.tools.requested = min(o.tools.requested, helperBytes+agentBytes)
	if batch.Checker.Program != "" {
		o.program = helper(judging.ToolLimits(problem.Limits{}, toolchain.Toolchain{}).MemoryBytes)
	}
	return o, err
}

// memoryOf is the most that any run of tools may take. Their languages must be
// known.
func memoryOf(programs []problem.Program, steps []execution.Step) (int64, error) {
	for i := range programs {
		if _, err := toolchain.Find(programs[i].Language); err != nil {
			return 0, err
		}
	}
	// A checker among them has the limits of a step that states none.
	most := judging.ToolLimits(problem.Limits{}, toolchain.Toolchain{}).MemoryBytes
	for i := range steps {
		most = max(most, judging.ToolLimits(steps[i].Limits, toolchain.Toolchain{}).MemoryBytes)
	}
	return most, nil
}
