package dev.sardonyx.secureops.ring;

/** Chooses the kernels of this process, once. */
final class KernelChoice {
    static final RingKernels BEST = new ScalarKernels();

    private KernelChoice() {}
}
