"""What becomes of every system call, by name: the list that the sandbox's programs are held against."""

import signal
import socket


def names(text: str) -> list[str]:
    return text.split()


PID = int.from_bytes(b"pid!", "little")
"""Stands in a child's program for its own id."""

ALLOWED = names("""
    access alarm arch_prctl brk chdir clock_getres clock_gettime clock_nanosleep close close_range copy_file_range
    creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2
    exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fdatasync flock fstat fsync ftruncate futex
    getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgrp getpid getppid
    getrandom getresgid getresuid getrlimit getrusage getsockname getsockopt gettid gettimeofday getuid link linkat
    lseek lstat madvise membarrier mkdir mkdirat mmap mprotect mremap msync munmap nanosleep newfstatat open openat
    pause pipe pipe2 poll ppoll pread64 preadv preadv2 pselect6 pwrite64 pwritev pwritev2 read readlink readlinkat
    readv recvfrom recvmsg rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
    rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_get_priority_max sched_get_priority_min
    sched_yield select sendfile sendmsg sendto set_robust_list set_tid_address setitimer setrlimit shutdown
    sigaltstack stat statx symlink symlinkat sysinfo time timerfd_create timerfd_gettime timerfd_settime times umask
    uname unlink unlinkat wait4 waitid write writev
""")
ONLY_HOST = names("execve execveat fork kill landlock_restrict_self setsid tgkill vfork")
ONLY_NETWORK = names("bind connect recvmmsg sendmmsg")

NOT_PERMITTED = names("""
    _sysctl accept accept4 acct add_key adjtimex afs_syscall bpf capget capset chmod chown chroot clock_adjtime
    clock_settime create_module delete_module epoll_ctl_old epoll_wait_old fanotify_init fanotify_mark fchmod
    fchmodat fchown fchownat fgetxattr finit_module flistxattr fremovexattr fsetxattr fstatfs futimesat
    get_kernel_syms get_mempolicy get_robust_list get_thread_area getpmsg getpriority getxattr init_module
    inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents
    io_setup io_submit ioperm iopl ioprio_get ioprio_set kcmp kexec_file_load kexec_load keyctl lchown lgetxattr
    listen listxattr llistxattr lookup_dcookie lremovexattr lsetxattr mbind memfd_create migrate_pages mincore mknod
    mknodat mlock mlock2 mlockall modify_ldt mount move_pages mq_getsetattr mq_notify mq_open mq_timedreceive
    mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd munlock munlockall name_to_handle_at nfsservctl
    open_by_handle_at perf_event_open personality pivot_root pkey_alloc pkey_free pkey_mprotect process_vm_readv
    process_vm_writev ptrace putpmsg query_module quotactl readahead reboot remap_file_pages removexattr request_key
    rt_sigqueueinfo rt_tgsigqueueinfo sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
    sched_setaffinity sched_setattr sched_setparam sched_setscheduler seccomp security semctl semget semop
    semtimedop set_mempolicy set_thread_area setdomainname setfsgid setfsuid setgid setgroups sethostname setns
    setpriority setregid setresgid setresuid setreuid settimeofday setuid setxattr shmat shmctl shmdt shmget
    signalfd signalfd4 splice statfs swapoff swapon sync sync_file_range syncfs sysfs syslog tee timer_create
    timer_delete timer_getoverrun timer_gettime timer_settime tkill truncate tuxcall umount2 unshare uprobe
    uretprobe uselib userfaultfd ustat utime utimensat utimes vhangup vmsplice vserver
""")
ABSENT = names("""
    cachestat clone3 fchmodat2 file_getattr file_setattr fsconfig fsmount fsopen fspick futex_requeue futex_wait
    futex_waitv futex_wake getxattrat io_uring_enter io_uring_register io_uring_setup landlock_add_rule
    landlock_create_ruleset listmount listns listxattrat lsm_get_self_attr lsm_list_modules lsm_set_self_attr
    map_shadow_stack memfd_secret mount_setattr move_mount mseal open_tree open_tree_attr openat2 pidfd_getfd
    pidfd_open pidfd_send_signal process_madvise process_mrelease quotactl_fd removexattrat rseq_slice_yield
    set_mempolicy_home_node setxattrat statmount
""")

UNIX, STREAM, DATAGRAM = socket.AF_UNIX, socket.SOCK_STREAM, socket.SOCK_DGRAM
THREAD, PROCESS = 0x3D0F00, 0x1200011  # the flags of pthread_create and of fork in the C library
CASES: dict[str, list[tuple[list[int], str]]] = {
    "fcntl": [
        *(([3, command], "allow") for command in (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)),
        *(([3, command], "EPERM") for command in (8, 10, 15, 1024, 1026, 1031, 1033, 1036, 9999)),
    ],
    "ioctl": [
        *(([0, request], "allow") for request in (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),
        *(([0, request], "EPERM") for request in (0x5412, 0x541C, 0x540E, 0x5402, 0x8901, 0x40086602, 0)),
    ],
    "socketpair": [
        ([UNIX, STREAM], "allow"), ([UNIX, STREAM | 0x80800], "allow"), ([UNIX, DATAGRAM], "EPERM"),
        ([UNIX, DATAGRAM | 0x80000], "EPERM"), ([socket.AF_INET, STREAM], "EPERM"), ([16, STREAM], "EPERM"),
    ],
    "setsockopt": [
        ([3, 1, 9], "allow"), ([3, 1, 20], "allow"), ([3, 1, 7], "EPERM"), ([3, 1, 32], "EPERM"),
        ([3, 1, 26], "EPERM"), ([3, 1, 50], "EPERM"), ([3, 6, 1], "EPERM"), ([3, 270, 1], "EPERM"),
    ],
    "prctl": [
        ([1, signal.SIGKILL], "allow"), ([1, 0], "EPERM"), ([1, signal.SIGTERM], "EPERM"), ([15], "allow"),
        ([38, 1], "allow"), ([0x53564D41], "allow"), ([22, 2], "EPERM"), ([22, 1], "EPERM"), ([4, 1], "EPERM"),
        ([36, 1], "EPERM"), ([62], "EPERM"), ([0x59616D61], "EPERM"), ([24, 1], "EPERM"),
    ],
    "prlimit64": [([0, 0], "allow"), ([1, 0], "EPERM"), ([PID, 0], "EPERM"), ([2**32 - 1, 0], "EPERM")],
    "getpgid": [([0], "allow"), ([1], "EPERM")],
    "getsid": [([0], "allow"), ([1], "EPERM")],
    "sched_getaffinity": [([0], "allow"), ([1], "ENOSYS")],
    "socket": [([family, STREAM], "EPERM") for family in range(50)],
    "setpgid": [([0, 0], "EPERM"), ([1, 0], "EPERM")],
    "clone": [
        ([THREAD], "allow"), ([PROCESS], "EPERM"), ([THREAD | 0x10000000], "EPERM"), ([THREAD | 0x8000], "EPERM"),
    ],
    "kill": [([PID, 9], "allow"), ([1, 9], "EPERM"), ([0, 9], "EPERM"), ([2**32 - 1, 9], "EPERM")],
    "tgkill": [([PID, 7, 6], "allow"), ([1, 1, 6], "EPERM")],
}  # fmt: skip
"""Calls whose arguments count, in a child without network: the arguments and what becomes of the call."""

HOST_CASES: dict[str, list[tuple[list[int], str]]] = {
    "clone": [
        ([THREAD], "allow"), ([PROCESS], "allow"), ([0x4111], "allow"), ([PROCESS | 0x8000], "EPERM"),
        *(([PROCESS | 1 << bit], "EPERM") for bit in (13, 17, 25, 26, 27, 28, 29, 30)),
    ],
    "prctl": [([22, 2], "allow"), ([22, 1], "EPERM"), ([1, signal.SIGKILL], "allow"), ([1, 0], "EPERM")],
    "setpgid": [([0, 0], "allow"), ([1, 0], "EPERM")],
    "kill": [([1, 9], "allow")],
    "tgkill": [([1, 1, 6], "allow")],
}  # fmt: skip
NETWORK_CASES: dict[str, list[tuple[list[int], str]]] = {
    "socket": [([family], "allow" if family in (2, 10) else "EPERM") for family in range(50)],
    "setsockopt": [
        ([3, 6, 1], "allow"), ([3, 41, 26], "allow"), ([3, 1, 9], "allow"), ([3, 1, 7], "EPERM"), ([3, 270], "EPERM"),
    ],
}  # fmt: skip
