// Asks KEDA itself: reads triggers as JSON lines, builds each with KEDA's own constructor, and answers with one
// line each, in the same order. No broker is needed: a trigger whose metadata KEDA accepts fails to connect.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/go-logr/logr"
	"github.com/kedacore/keda/v2/pkg/scalers"
	"github.com/kedacore/keda/v2/pkg/scalers/scalersconfig"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

// A client waits through sarama's retries before it gives up (4 x 250 ms), so many wait at once.
const workers = 400

type question struct {
	Type        string            `json:"type"`
	Metadata    map[string]string `json:"metadata"`
	ResolvedEnv map[string]string `json:"resolvedEnv"`
	AuthParams  map[string]string `json:"authParams"`
}

type answer struct {
	// Error is empty when the scaler was built.
	Error string `json:"error"`
	// Target is the lag per replica that the HPA would aim at, once the scaler was built.
	Target *int64 `json:"target"`
}

func main() {
	logf.SetLogger(logr.Discard())
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var questions []question
	decoder := json.NewDecoder(in)
	for {
		var q question
		if err := decoder.Decode(&q); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("line %d: %w", len(questions)+1, err)
		}
		questions = append(questions, q)
	}
	answers := make([]answer, len(questions))
	var group sync.WaitGroup
	slots := make(chan struct{}, workers)
	for i, q := range questions {
		group.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; group.Done() }()
			answers[i] = ask(q)
		}()
	}
	group.Wait()
	writer := bufio.NewWriter(out)
	encoder := json.NewEncoder(writer)
	for _, a := range answers {
		if err := encoder.Encode(a); err != nil {
			return err
		}
	}
	return writer.Flush()
}

func ask(q question) answer {
	ctx := context.Background()
	config := &scalersconfig.ScalerConfig{
		ScalableObjectName: "consumer",
		TriggerMetadata:    q.Metadata,
		ResolvedEnv:        q.ResolvedEnv,
		AuthParams:         q.AuthParams,
	}
	scaler, err := build(ctx, q.Type, config)
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer scaler.Close(ctx)
	for _, spec := range scaler.GetMetricSpecForScaling(ctx) {
		target := spec.External.Target.AverageValue.Value()
		return answer{Target: &target}
	}
	return answer{}
}

func build(ctx context.Context, kind string, config *scalersconfig.ScalerConfig) (scalers.Scaler, error) {
	switch kind {
	case "kafka":
		return scalers.NewKafkaScaler(ctx, config)
	case "apache-kafka":
		return scalers.NewApacheKafkaScaler(ctx, config)
	default:
		return nil, fmt.Errorf("unknown type %q", kind)
	}
}
