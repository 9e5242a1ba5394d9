package dev.sardonyx.importer;

import com.google.protobuf.CodedInputStream;
import dev.sardonyx.importer.ImportException.Kind;

/** Checks that hold for every length on the wire. */
final class Wire {
    private Wire() {
    }

    /** Refuses a length that reaches beyond the enclosing message (for the outermost one: the file) before anything is allocated. */
    static void requireAvailable(CodedInputStream in, int length, String what) {
        if (length < 0) {
            throw new ImportException(Kind.MALFORMED, what + " has a negative length at byte " + in.getTotalBytesRead());
        }
        int left = in.getBytesUntilLimit();
        if (left >= 0 && length > left) {
            throw new ImportException(Kind.TRUNCATED, what + " needs " + length + " bytes from byte " + in.getTotalBytesRead() + ", but only "
                    + left + " are left");
        }
    }
}
