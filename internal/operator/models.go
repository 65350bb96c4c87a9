package operator

import (
	"fmt"
	"net/http"
	"time"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/modelprovider"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/gemini"
	"github.com/algoitny/algoitny-operator/internal/llm/openai"
)

// defaultCallTimeout bounds a call where the specification does not.
const defaultCallTimeout = 2 * time.Minute

// Models builds a model by its provider's type.
func Models(transport http.RoundTripper) modelprovider.Factory {
	return func(spec *v1alpha1.ModelProviderSpec, key llm.Secret) (llm.Model, error) {
		timeout := defaultCallTimeout
		if spec.Timeout != nil {
			timeout = spec.Timeout.Duration
		}
		switch spec.Type {
		case v1alpha1.ProviderGemini:
			return gemini.New(gemini.Options{Endpoint: spec.Endpoint, Model: spec.Model, Key: key, Timeout: timeout, Transport: transport})
		case v1alpha1.ProviderOpenAI:
			model, err := openai.New(openai.Options{Endpoint: spec.Endpoint, Model: spec.Model, Key: key, Timeout: timeout, Transport: transport})
			if err != nil || spec.API != v1alpha1.APIChatCompletions {
				return model, err
			}
			// What keeps answers at the vendor is out of sight.
			return struct{ llm.Model }{model}, nil
		}
		return nil, fmt.Errorf("the provider type %q is not known", spec.Type)
	}
}
