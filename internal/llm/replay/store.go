package replay

import (
	"io"
	"net/http"
	"strconv"
)

// store is what outlives a request. It ends with the server.
type store struct {
	last      int
	responses map[string]startedResponse
	files     map[string][]byte
	batches   []*storedBatch
}

func newStore() store {
	return store{responses: map[string]startedResponse{}, files: map[string][]byte{}}
}

func (s *store) id(prefix string) string {
	s.last++
	return prefix + strconv.Itoa(s.last)
}

// keep stores a file; one without a byte does not exist.
func (s *store) keep(content []byte) any {
	if len(content) == 0 {
		return nil
	}
	id := s.id("file-")
	s.files[id] = content
	return id
}

func (s *Server) createFile(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(w, r) {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	file, header, err := r.FormFile("file")
	if err != nil || r.FormValue("purpose") != "batch" {
		refuse(w, openaiDialect{}, http.StatusBadRequest, "invalid_request_error", "a file and the purpose batch are wanted")
		return
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(file)
	if err != nil || len(content) == 0 {
		refuse(w, openaiDialect{}, http.StatusBadRequest, "unreadable", "the file could not be read")
		return
	}
	s.mu.Lock()
	id := s.store.keep(content)
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{
		"id": id, "object": "file", "bytes": len(content), "created_at": 0,
		"filename": header.Filename, "purpose": "batch", "status": "processed",
	})
}

func (s *Server) getContent(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(w, r) {
		return
	}
	s.mu.Lock()
	content, ok := s.store.files[r.PathValue("id")]
	s.mu.Unlock()
	if !ok {
		missing(w, "No such File object: "+r.PathValue("id"))
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(content)
}
