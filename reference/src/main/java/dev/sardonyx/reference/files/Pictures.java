package dev.sardonyx.reference.files;

/** Pictures of one size, pixels 0 to 255. */
interface Pictures {
    int count();

    int height();

    int width();

    /** 1 (gray) or 3 (red, green, blue). */
    int channels();

    /** Picture {@code index}: row by row, in a row pixel by pixel, in a pixel channel by channel. */
    int[] pixels(int index);

    /** Where picture {@code index} came from, for errors. */
    String source(int index);
}
