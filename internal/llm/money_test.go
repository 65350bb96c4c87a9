package llm_test

import (
	"math"
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

func TestAmountsAreExact(t *testing.T) {
	cases := []struct {
		text string
		nano int64
		back string
	}{
		{"0.15", 150_000_000, "0.15"},
		{"0.00123", 1_230_000, "0.00123"},
		{"0", 0, "0"},
		{"12", 12_000_000_000, "12"},
		{"007.500", 7_500_000_000, "7.5"},
		{"0.000000001", 1, "0.000000001"},
		{"9223372036.854775807", math.MaxInt64, "9223372036.854775807"},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			nano, err := llm.ParseAmount(c.text)
			if err != nil || nano != c.nano {
				t.Fatalf("got %d, %v, want %d", nano, err, c.nano)
			}
			if back := llm.FormatAmount(nano); back != c.back {
				t.Errorf("got %q, want %q", back, c.back)
			}
		})
	}
}

func TestWhatIsNoAmountIsRefused(t *testing.T) {
	for _, text := range []string{
		"", ".", ".5", "5.", "-1", "+1", "1e3", "1,5", "$1", " 1", "1.2.3", "NaN",
		"0.0000000001", "9223372036.854775808", strings.Repeat("9", 100), "١",
	} {
		if nano, err := llm.ParseAmount(text); err == nil {
			t.Errorf("%q gave %d", text, nano)
		}
	}
}

func TestNegativeAmountsCanBeShown(t *testing.T) {
	for nano, want := range map[int64]string{-1_500_000_000: "-1.5", math.MinInt64: "-9223372036.854775808"} {
		if got := llm.FormatAmount(nano); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzAmountsSurviveARoundTrip(f *testing.F) {
	f.Add(int64(0))
	f.Add(int64(1_230_000))
	f.Fuzz(func(t *testing.T, nano int64) {
		if nano < 0 {
			return
		}
		back, err := llm.ParseAmount(llm.FormatAmount(nano))
		if err != nil || back != nano {
			t.Errorf("%d came back as %d, %v", nano, back, err)
		}
	})
}

func TestCost(t *testing.T) {
	price := llm.Price{InputNanoPerMillion: 150_000_000, CachedInputNanoPerMillion: 75_000_000, OutputNanoPerMillion: 600_000_000}
	cases := []struct {
		name  string
		price llm.Price
		usage llm.Usage
		want  int64
	}{
		{"nothing costs nothing", price, llm.Usage{}, 0},
		{"each kind has its price and thinking is output", price,
			llm.Usage{Prompt: 1000, CachedPrompt: 2000, Output: 100, Thinking: 50}, 150_000 + 150_000 + 60_000 + 30_000},
		{"a part of a nano is a whole one", llm.Price{InputNanoPerMillion: 1}, llm.Usage{Prompt: 1}, 1},
		{"rounding happens once, on the sum", llm.Price{InputNanoPerMillion: 1, OutputNanoPerMillion: 1}, llm.Usage{Prompt: 1, Output: 1}, 1},
		{"an unknown discount is none", llm.Price{InputNanoPerMillion: 1_000_000}, llm.Usage{CachedPrompt: 7}, 7},
		{"negative counts do not pay back", price, llm.Usage{Prompt: -5, Output: -5}, 0},
		{"what does not fit is the largest number", llm.Price{OutputNanoPerMillion: math.MaxInt64},
			llm.Usage{Output: math.MaxInt64, Thinking: math.MaxInt64}, math.MaxInt64},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.price.Cost(c.usage); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestNoUsageWithinTheBoundsCostsMoreThanTheWorstCase(t *testing.T) {
	prices := []llm.Price{
		{InputNanoPerMillion: 3, CachedInputNanoPerMillion: 1, OutputNanoPerMillion: 9},
		{InputNanoPerMillion: 3, CachedInputNanoPerMillion: 5, OutputNanoPerMillion: 9},
		{InputNanoPerMillion: 3, OutputNanoPerMillion: 0},
	}
	for _, p := range prices {
		worst := p.WorstCase(1000, 500)
		for _, u := range []llm.Usage{
			{Prompt: 1000, Output: 500},
			{CachedPrompt: 1000, Thinking: 500},
			{Prompt: 400, CachedPrompt: 600, Output: 1, Thinking: 499},
		} {
			if cost := p.Cost(u); cost > worst {
				t.Errorf("%+v at %+v costs %d, more than %d", u, p, cost, worst)
			}
		}
	}
}

// The counts are those of o200k_base, or more where Gemini splits further.
func TestTheEstimateIsAboveTheRealCount(t *testing.T) {
	cases := []struct {
		name, text string
		real       int64
	}{
		{"prose", "The quick brown fox jumps over the lazy dog.", 10},
		{"rows of numbers, each digit and blank a token", strings.Repeat("1 2 3 4 5\n", 100), 1000},
		{"large numbers, each digit a token", strings.Repeat("1000000007 ", 50), 550},
		{"code", "for(int i=0;i<n;i++){a[i]=b[i]+c[i];}", 24},
		{"Korean, a token a rune", strings.Repeat("두 수를 더하라", 10), 80},
		{"emoji", "🧩🧩", 6},
		{"bytes that are not UTF-8", "\xff\xfe\xfd", 3},
		{"nothing", "", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := llm.EstimateTokens(c.text)
			if got < c.real {
				t.Errorf("estimated %d, real %d", got, c.real)
			}
			if got > 4*c.real+32 {
				t.Errorf("estimated %d, which is far beyond %d", got, c.real)
			}
		})
	}
}
