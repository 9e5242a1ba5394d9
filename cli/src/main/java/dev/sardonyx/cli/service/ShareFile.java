package dev.sardonyx.cli.service;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A stream kept encrypted: {@code SXSB}, a version byte, 32 bytes of salt, a label in the clear, then chunks of AES-256-GCM (NIST SP
 * 800-38D). Each file has a key of its own, HKDF-SHA256 (RFC 5869) of the master key and the salt, so that the chunk's number is nonce
 * enough. Label, chunk number and whether it is the last are authenticated with each chunk: chunks can be neither exchanged, repeated,
 * reordered nor cut off, and a file does not pass for another.
 */
final class ShareFile {
    private static final byte[] MAGIC = {'S', 'X', 'S', 'B', 2};
    private static final int SALT = 32;
    private static final int KEY = 32;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int CHUNK = 1 << 16;
    private static final int LONGEST_LABEL = 4096;

    private ShareFile() {
    }

    /** What a chunk is bound to. */
    private record Seal(SecretKey key, byte[] label) {
        static Seal of(SecretKey master, byte[] salt, byte[] label) {
            try {
                var parameters = HKDFParameterSpec.ofExtract().addIKM(master).addSalt(salt).thenExpand("sardonyx share file 1".getBytes(StandardCharsets.US_ASCII), KEY);
                return new Seal(KDF.getInstance("HKDF-SHA256").deriveKey("AES", parameters), label);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java platform has no HKDF-SHA256", e);
            }
        }

        Cipher cipher(int mode, long number, boolean last) throws GeneralSecurityException {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, ByteBuffer.allocate(NONCE).putInt(0).putLong(number).array()));
            cipher.updateAAD(label);
            cipher.updateAAD(ByteBuffer.allocate(Long.BYTES + 1).putLong(number).put((byte) (last ? 1 : 0)).array());
            return cipher;
        }

        @Override
        public String toString() {
            return "Seal[]";
        }
    }

    static SecretKey key(byte[] bytes) {
        return new SecretKeySpec(bytes, "AES");
    }

    /** Encrypts what is written to it; only {@link Writer#close} makes the file whole. */
    static final class Writer extends OutputStream {
        private final OutputStream out;
        private final Seal seal;
        private final byte[] chunk = new byte[CHUNK];
        private int filled;
        private long number;
        private boolean closed;

        Writer(OutputStream out, SecretKey master, String label) throws IOException {
            byte[] salt = new byte[SALT];
            new SecureRandom().nextBytes(salt);
            byte[] text = label.getBytes(StandardCharsets.UTF_8);
            if (text.length > LONGEST_LABEL) {
                throw new IOException("a label of " + text.length + " bytes; expected at most " + LONGEST_LABEL);
            }
            this.out = out;
            this.seal = Seal.of(master, salt, text);
            out.write(MAGIC);
            out.write(salt);
            var data = new DataOutputStream(out);
            data.writeInt(text.length);
            data.write(text);
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            int done = 0;
            while (done < length) {
                if (filled == CHUNK) {
                    flushChunk(false);
                }
                int count = Math.min(length - done, CHUNK - filled);
                System.arraycopy(bytes, from + done, chunk, filled, count);
                filled += count;
                done += count;
            }
        }

        private void flushChunk(boolean last) throws IOException {
            try {
                byte[] sealed = seal.cipher(Cipher.ENCRYPT_MODE, number++, last).doFinal(chunk, 0, filled);
                out.write(ByteBuffer.allocate(Integer.BYTES + 1).putInt(sealed.length).put((byte) (last ? 1 : 0)).array());
                out.write(sealed);
                filled = 0;
            } catch (GeneralSecurityException e) {
                throw new IOException("cannot encrypt", e);
            }
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                try (out) {
                    flushChunk(true);
                } finally {
                    Arrays.fill(chunk, (byte) 0);
                }
            }
        }
    }

    /** Decrypts; whatever it gives has been authenticated, and the end of the stream too. */
    static final class Reader extends InputStream {
        private final DataInputStream in;
        private final String label;
        private final Seal seal;
        private byte[] chunk = new byte[0];
        private int at;
        private long number;
        private boolean last;

        /** @throws IOException where the file is none */
        Reader(InputStream from, SecretKey master) throws IOException {
            this.in = new DataInputStream(new BufferedInputStream(from, CHUNK));
            if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
                throw new IOException("no share file of a known version");
            }
            byte[] salt = in.readNBytes(SALT);
            int length = in.readInt();
            if (length < 0 || length > LONGEST_LABEL) {
                throw new IOException("no share file: a label of " + length + " bytes");
            }
            byte[] text = in.readNBytes(length);
            if (salt.length != SALT || text.length != length) {
                throw new EOFException("the share file ends early");
            }
            this.label = new String(text, StandardCharsets.UTF_8);
            this.seal = Seal.of(master, salt, text);
            next();
        }

        /** What the file is, authenticated. */
        String label() {
            return label;
        }

        private void next() throws IOException {
            int length = in.readInt();
            int flag = in.readUnsignedByte();
            boolean end = flag == 1;
            if (flag > 1 || length < TAG_BITS / Byte.SIZE || length > CHUNK + TAG_BITS / Byte.SIZE) {
                throw new IOException("no share file: a chunk of " + length + " bytes");
            }
            byte[] sealed = in.readNBytes(length);
            if (sealed.length != length) {
                throw new EOFException("the share file ends early");
            }
            try {
                chunk = seal.cipher(Cipher.DECRYPT_MODE, number++, end).doFinal(sealed);
            } catch (GeneralSecurityException e) {
                throw new IOException("chunk " + (number - 1) + " of the share file was changed, or the share key is another", e);
            }
            at = 0;
            last = end;
            if (last && in.read() >= 0) {
                throw new IOException("the share file has something behind its end");
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            while (at == chunk.length) {
                if (last) {
                    return -1;
                }
                next();
            }
            int count = Math.min(length, chunk.length - at);
            System.arraycopy(chunk, at, into, from, count);
            at += count;
            return count;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
