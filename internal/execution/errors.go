package execution

// UnsupportedError says that this backend cannot run a language: nothing is
// wrong with the program, and no verdict is given.
type UnsupportedError struct {
	Language string
	// Message is stable and says what to install.
	Message string
}

func (e *UnsupportedError) Error() string { return "language " + e.Language + ": " + e.Message }
