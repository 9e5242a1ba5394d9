package dev.sardonyx.graph;

import java.util.List;

/**
 * Where the taps of a sliding window fall on one channel's plane.
 *
 * @param table for each tap (row-major in the kernel) and each window (row-major in the output) the element of the plane, or -1 on
 * padding
 * @param taps number of taps
 * @param count number of windows
 * @param plane number of elements of a plane
 */
record Windows(int[] table, int taps, int count, int plane) {

    /** The taps over the spatial axes of x [N, C, spatial…]. */
    static Windows of(Window window, Shape x) {
        return of(window, x, window.padsBegin(), window.padsEnd(), false);
    }

    /** As {@link #of(Window, Shape)}, but taps on counted padding have a place too: the plane is the padded one. */
    static Windows counted(Window window, Shape x, List<Integer> countedPadsEnd) {
        return of(window, x, window.padsBegin(), countedPadsEnd, true);
    }

    private static Windows of(Window window, Shape x, List<Integer> padsBegin, List<Integer> padsEnd, boolean padded) {
        int count = 1;
        int taps = 1;
        int plane = 1;
        int[] table = {0};
        for (int axis = 0; axis < window.rank(); axis++) {
            int extent = x.dim(axis + 2);
            int windows = window.outputExtent(axis, extent);
            int kernel = window.kernel().get(axis);
            int before = padded ? 0 : padsBegin.get(axis);
            int end = padded ? padsBegin.get(axis) + extent + padsEnd.get(axis) : extent;
            long size = (long) taps * kernel * count * windows;
            if (size > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("windows of kernel " + window.kernel() + " over x " + x + " have more than 2^31-1 taps");
            }
            int[] next = new int[(int) size];
            for (int tap = 0; tap < taps * kernel; tap++) {
                for (int at = 0; at < count * windows; at++) {
                    int outer = table[tap / kernel * count + at / windows];
                    int place = at % windows * window.strides().get(axis) + tap % kernel * window.dilations().get(axis) - before;
                    next[tap * count * windows + at] = outer < 0 || place < 0 || place >= end ? -1 : outer * end + place;
                }
            }
            table = next;
            count *= windows;
            taps *= kernel;
            plane *= end;
        }
        return new Windows(table, taps, count, plane);
    }
}
