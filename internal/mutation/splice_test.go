package mutation

import (
	"fmt"
	"math/rand"
	"testing"
	"time"
)

func TestSplice(t *testing.T) {
	r := rand.New(rand.NewSource(time.Now().UnixNano()))
	for _, lang := range []string{"python", "cpp"} {
		pool := map[string][]string{}
		var all []string
		for _, s := range solutions(t, lang) {
			p, _ := newParser(lang)
			nodes, _ := p.nodes(s.source)
			for _, n := range nodes {
				if n.named {
					pool[n.kind] = append(pool[n.kind], n.text)
					all = append(all, n.text)
				}
			}
			p.close()
		}
		ok, bad := 0, 0
		end := time.Now().Add(120 * time.Second)
		ss := solutions(t, lang)
		for time.Now().Before(end) {
			src := ss[r.Intn(len(ss))].source
			for k := 0; k < 1+r.Intn(6); k++ {
				p, _ := newParser(lang)
				nodes, err := p.nodes(src)
				p.close()
				if err != nil || len(nodes) < 3 {
					break
				}
				n := nodes[1+r.Intn(len(nodes)-1)]
				text := ""
				switch x := r.Intn(4); {
				case x == 0:
				case x == 1:
					text = all[r.Intn(len(all))]
				case len(pool[n.kind]) > 0:
					text = pool[n.kind][r.Intn(len(pool[n.kind]))]
				}
				if len(text) > 3000 {
					continue
				}
				next := src[:n.start] + text + src[n.end:]
				if _, err := Mutants(lang, next, 0); err == nil {
					src = next
				}
			}
			ms, err := Mutants(lang, src, 500)
			if err != nil {
				bad++
				continue
			}
			ok++
			for _, m := range ms {
				checkDescription(t, m)
			}
		}
		fmt.Println(lang, ok, bad)
	}
}
