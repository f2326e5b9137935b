package dev.sallyport.testing;

import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.CRC32;

/** Bytes of any length that are the same every time, different everywhere, and not kept in memory. */
public final class TestContent {
    private static final int PRIME = 65_521;

    private static final byte[] PATTERN = pattern();

    /** A stream of that many bytes. */
    public static InputStream stream(long length) {
        return new Repeated(length);
    }

    /** Checks that what is written to it are the bytes of {@link #stream}, in order. */
    public static final class Check {
        private long position;

        /** Throws an {@link AssertionError} at the first byte that is another one. */
        public void update(byte[] bytes, int length) {
            int done = 0;
            while (done < length) {
                int from = (int) (position % PRIME);
                int count = Math.min(length - done, PRIME - from);
                if (!Arrays.equals(PATTERN, from, from + count, bytes, done, done + count)) {
                    throw new AssertionError("the bytes after " + position + " are other ones");
                }
                done += count;
                position += count;
            }
        }

        public long length() {
            return position;
        }
    }

    private static byte[] pattern() {
        byte[] bytes = new byte[PRIME];
        CRC32 state = new CRC32();
        for (int i = 0; i < PRIME; i++) {
            state.update(i);
            bytes[i] = (byte) state.getValue();
        }
        return bytes;
    }

    private static final class Repeated extends InputStream {
        private final long length;
        private long position;

        Repeated(long length) {
            this.length = length;
        }

        @Override
        public int read() {
            return position == length ? -1 : PATTERN[(int) (position++ % PRIME)] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int wanted) {
            if (position == length) {
                return wanted == 0 ? 0 : -1;
            }
            int from = (int) (position % PRIME);
            int count = (int) Math.min(Math.min(wanted, PRIME - from), length - position);
            System.arraycopy(PATTERN, from, target, offset, count);
            position += count;
            return count;
        }

        @Override
        public int available() {
            return (int) Math.min(length - position, Integer.MAX_VALUE);
        }
    }

    private TestContent() {}
}
