package benchfacade_test

import (
	"bytes"
	"errors"
	"net/netip"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dial opens a connection that never blocks. The roles that have thousands, or
// count in microseconds, do without the runtime's own poller.
func dial(address string) (fd int, err error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return 0, err
	}
	if fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return 0, err
	}
	err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	if err != nil {
		_ = unix.Close(fd)
		return 0, err
	}
	return fd, nil
}

// poll waits for any of the connections. The runtime hears nothing of it: it
// would give the processor to somebody else, of which there is nobody, and take
// it back after every wait, which costs more than the wait.
func poll(polled []unix.PollFd, patience time.Duration) (ready int, err error) {
	timeout := unix.NsecToTimespec(int64(patience))
	n, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&polled[0])), uintptr(len(polled)), uintptr(unsafe.Pointer(&timeout)), 0, 0, 0)
	if errno != 0 && errno != unix.EINTR {
		return 0, errno
	}
	return max(0, int(n)), nil
}

// transfer is a read or a write on a connection that never blocks.
func transfer(call uintptr, fd int32, buffer []byte) (n int, err error) {
	done, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
	if errno != 0 {
		return 0, errno
	}
	return int(done), nil
}

var (
	errNotHTTP  = errors.New("the answer is not HTTP of a known length")
	errNotOK    = errors.New("the status is not 200")
	errTooMuch  = errors.New("more than one answer came")
	headEnd     = []byte("\r\n\r\n")
	lengthField = []byte("\r\nContent-Length: ")
	closeField  = []byte("\r\nConnection: close")
)

// answer follows one answer as it comes in pieces.
type answer struct {
	head []byte
	// left is what is to come of the body; it is known once inBody is true.
	left   int
	inBody bool
	// last: the server closes the connection behind it.
	last bool
}

// take reads the next piece; whole means that the answer has ended.
func (a *answer) take(piece []byte) (whole bool, err error) {
	if !a.inBody {
		a.head = append(a.head, piece...)
		end := bytes.Index(a.head, headEnd)
		if end < 0 {
			return false, nil
		}
		piece = a.head[end+len(headEnd):]
		if err := a.begin(a.head[:end+2]); err != nil {
			return false, err
		}
	}
	if a.left -= len(piece); a.left < 0 {
		return false, errTooMuch
	}
	return a.left == 0, nil
}

func (a *answer) begin(head []byte) error {
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 ")) {
		return errNotHTTP
	}
	if !bytes.HasPrefix(head[9:], []byte("200 ")) {
		return errNotOK
	}
	at := bytes.Index(head, lengthField)
	if at < 0 {
		return errNotHTTP
	}
	digits, _, _ := bytes.Cut(head[at+len(lengthField):], []byte("\r"))
	length, err := strconv.Atoi(string(digits))
	if err != nil {
		return errNotHTTP
	}
	a.left, a.inBody, a.last = length, true, bytes.Contains(head, closeField)
	return nil
}

// reset is before the next answer.
func (a *answer) reset() { *a = answer{head: a.head[:0]} }
