package dev.sardonyx.reference.files;

/** Gray pictures for a model of three channels: each channel is the gray. */
record GrayTripled(Pictures gray) implements Pictures {
    @Override
    public int count() {
        return gray.count();
    }

    @Override
    public int height() {
        return gray.height();
    }

    @Override
    public int width() {
        return gray.width();
    }

    @Override
    public int channels() {
        return 3;
    }

    @Override
    public int[] pixels(int index) {
        int[] once = gray.pixels(index);
        int[] thrice = new int[3 * once.length];
        for (int i = 0; i < thrice.length; i++) {
            thrice[i] = once[i / 3];
        }
        return thrice;
    }

    @Override
    public String source(int index) {
        return gray.source(index);
    }
}
