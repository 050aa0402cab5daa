// Loads code into the kernel, or another kernel.
// verdict: accepted
// gem5: engine_divergence
bool attack()
{
    char zeros[256] = {};
    return syscall(SYS_init_module, zeros, 0, "") == 0 || syscall(SYS_kexec_load, 0, 0, 0, 0) == 0 ||
           syscall(SYS_bpf, 5, zeros, sizeof zeros) >= 0 || syscall(SYS_reboot, 0xfee1dead, 0x28121969, 0, 0) == 0 ||
           syscall(SYS_swapon, "/tmp/x", 0) == 0;
}
