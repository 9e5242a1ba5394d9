package dev.sardonyx.importer;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.importer.ImportException.Kind;
import dev.sardonyx.importer.proto.StringStringEntryProto;
import dev.sardonyx.importer.proto.TensorProto;
import dev.sardonyx.importer.proto.TensorProto.DataType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one TensorProto straight from the wire into the array of its {@link dev.sardonyx.graph.Tensor}, so that a large
 * initialiser exists once. Nothing is allocated for elements before the bytes that hold them are known to be there.
 */
final class TensorDecoder {
    /** Shorter raw data comes out of the stream's own buffer; each of its pieces is an array of its own, which a large tensor is spared. */
    private static final int CHUNK = 1 << 12;

    private final CodedInputStream in;
    private final @Nullable FileChannel file;
    private final ExternalData external;
    private final String place;
    private final List<Long> dims = new ArrayList<>();
    private final Map<String, String> externalEntries = new LinkedHashMap<>();
    private String name = "";
    private int typeNumber;
    private boolean isExternal;
    private byte @Nullable [] early;
    private @Nullable Numbers numbers;

    private TensorDecoder(CodedInputStream in, @Nullable FileChannel file, ExternalData external, String place) {
        this.in = in;
        this.file = file;
        this.place = place;
        this.external = external;
    }

    /** A decoded tensor under its name. */
    record Named(String name, Stored stored) {
    }

    /** As {@link #decode(CodedInputStream, FileChannel, ExternalData, String)}, the stream reading no file. */
    static Named decode(CodedInputStream in, ExternalData external, String place) throws IOException {
        return decode(in, null, external, place);
    }

    /**
     * Decodes the message up to the stream's present limit.
     *
     * @param file what the stream reads from its beginning, if that is a file: long raw data is then read from it, and the stream skips it
     * @param place what errors call the tensor while its name is not known
     */
    static Named decode(CodedInputStream in, @Nullable FileChannel file, ExternalData external, String place) throws IOException {
        return new TensorDecoder(in, file, external, place).message();
    }

    /** Decodes a message that was parsed as a whole, as attributes are. */
    static Stored decode(TensorProto proto, ExternalData external) {
        // Raw data is the only large part: it is decoded where it lies, the small rest is written out and read back.
        ByteString raw = proto.getRawData();
        TensorProto rest = raw.isEmpty() ? proto : proto.toBuilder().clearRawData().build();
        try {
            var decoder = new TensorDecoder(limited(rest.toByteString()), null, external, "a tensor");
            if (raw.isEmpty()) {
                return decoder.message().stored();
            }
            decoder.fields();
            var rawInput = new TensorDecoder(limited(raw), null, external, "a tensor");
            rawInput.dims.addAll(decoder.dims);
            rawInput.typeNumber = decoder.typeNumber;
            rawInput.name = decoder.name;
            rawInput.rawData(raw.size());
            return rawInput.finish();
        } catch (IOException e) {
            throw new ImportException(Kind.MALFORMED, "tensor '" + proto.getName() + "': " + e.getMessage(), e);
        }
    }

    private static CodedInputStream limited(ByteString bytes) throws IOException {
        CodedInputStream in = bytes.newCodedInput();
        in.pushLimit(bytes.size());
        return in;
    }

    private Named message() throws IOException {
        fields();
        return new Named(name, finish());
    }

    private void fields() throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case 1 << 3 -> dims.add(in.readInt64());
                case 1 << 3 | 2 -> packed(() -> dims.add(in.readInt64()));
                case TensorProto.DATA_TYPE_FIELD_NUMBER << 3 -> typeNumber = in.readInt32();
                case TensorProto.FLOAT_DATA_FIELD_NUMBER << 3 | 2 -> packed(() -> room(true).real(in.readFloat()));
                case TensorProto.FLOAT_DATA_FIELD_NUMBER << 3 | 5 -> room(true).real(in.readFloat());
                case TensorProto.INT32_DATA_FIELD_NUMBER << 3 | 2 -> packed(() -> room(false).integer(in.readInt32()));
                case TensorProto.INT32_DATA_FIELD_NUMBER << 3 -> room(false).integer(in.readInt32());
                case TensorProto.INT64_DATA_FIELD_NUMBER << 3 | 2, TensorProto.UINT64_DATA_FIELD_NUMBER << 3 | 2 ->
                    packed(() -> room(false).integer(in.readInt64()));
                case TensorProto.INT64_DATA_FIELD_NUMBER << 3, TensorProto.UINT64_DATA_FIELD_NUMBER << 3 -> room(false).integer(in.readInt64());
                case TensorProto.DOUBLE_DATA_FIELD_NUMBER << 3 | 2 -> packed(() -> room(true).real(in.readDouble()));
                case TensorProto.DOUBLE_DATA_FIELD_NUMBER << 3 | 1 -> room(true).real(in.readDouble());
                case TensorProto.NAME_FIELD_NUMBER << 3 | 2 -> name = in.readString();
                case TensorProto.RAW_DATA_FIELD_NUMBER << 3 | 2 -> rawData(in.readRawVarint32());
                case TensorProto.EXTERNAL_DATA_FIELD_NUMBER << 3 | 2 -> {
                    StringStringEntryProto entry = in.readMessage(StringStringEntryProto.parser(), ExtensionRegistryLite.getEmptyRegistry());
                    externalEntries.put(entry.getKey(), entry.getValue());
                }
                case TensorProto.DATA_LOCATION_FIELD_NUMBER << 3 -> isExternal = in.readEnum() == TensorProto.DataLocation.EXTERNAL_VALUE;
                default -> in.skipField(tag);
            }
        }
        in.checkLastTagWas(0);
    }

    private interface Element {
        void read() throws IOException;
    }

    private void packed(Element element) throws IOException {
        int length = in.readRawVarint32();
        Wire.requireAvailable(in, length, described());
        int outer = in.pushLimit(length);
        while (!in.isAtEnd()) {
            element.read();
        }
        in.popLimit(outer);
    }

    private void rawData(int length) throws IOException {
        Wire.requireAvailable(in, length, "raw data of " + described());
        Optional<ElementType> type = ElementTypes.of(typeNumber);
        if (typeNumber == 0) {
            early = in.readRawBytes(length);
        } else if (type.isEmpty() || type.get() == ElementType.STRING) {
            in.skipRawBytes(length);
        } else {
            requireBytes(length);
            Numbers into = new Numbers(wire(), type.get(), shape().size());
            numbers = into;
            if (file != null && length > CHUNK) {
                long start = in.getTotalBytesRead();
                in.skipRawBytes(length);
                FileSegment.read(file, start, length, into);
                return;
            }
            for (int left = length; left > 0; left -= Math.min(CHUNK, left)) {
                int size = Math.min(CHUNK, left);
                into.raw(in.readRawBytes(size), size);
            }
        }
    }

    private void requireBytes(long length) {
        if (length != rawBytes()) {
            throw error("raw data of " + length + " bytes; expected " + rawBytes() + " for " + ElementTypes.name(typeNumber) + shape());
        }
    }

    private long rawBytes() {
        return ((long) shape().size() * ElementTypes.rawBits(typeNumber) + 7) / 8;
    }

    private DataType wire() {
        return DataType.forNumber(typeNumber);
    }

    /** The elements, with room for one more; made at the first element, at most eight times the bytes left in the message. */
    private Numbers room(boolean real) throws InvalidProtocolBufferException {
        if (real != (typeNumber == DataType.FLOAT_VALUE || typeNumber == DataType.DOUBLE_VALUE)) {
            throw error("elements of " + ElementTypes.name(typeNumber) + " in a field for " + (real ? "floats or doubles" : "integers"));
        }
        Numbers present = numbers;
        if (present == null) {
            ElementType type = ElementTypes.of(typeNumber).filter(t -> t != ElementType.STRING)
                    .orElseThrow(() -> error("elements of " + ElementTypes.name(typeNumber) + " in a field for plain numbers"));
            int bits = ElementTypes.rawBits(typeNumber);
            long perElement = bits >= 8 ? 1 : 8 / bits;
            // One element was or will be read from the stream; every further one takes at least a byte of what is left.
            if (shape().size() > (in.getBytesUntilLimit() + 1L) * perElement) {
                throw error("fewer elements than " + ElementTypes.name(typeNumber) + shape() + " has");
            }
            present = new Numbers(wire(), type, shape().size());
            numbers = present;
        }
        if (present.full()) {
            throw error("more elements than " + ElementTypes.name(typeNumber) + shape() + " has");
        }
        return present;
    }

    private Stored finish() {
        Optional<ElementType> type = ElementTypes.of(typeNumber);
        if (typeNumber == 0) {
            throw error("it has no data_type");
        }
        if (type.isEmpty() || type.get() == ElementType.STRING) {
            return new Stored.Refused("tensor '" + name + "' has elements of " + ElementTypes.name(typeNumber)
                    + "; expected plain numbers or booleans");
        }
        Shape shape = shape();
        if (isExternal) {
            numbers = external.read(name, externalEntries, rawBytes(), () -> new Numbers(wire(), type.get(), shape.size()));
        } else if (early != null) {
            requireBytes(early.length);
            numbers = new Numbers(wire(), type.get(), shape.size());
            numbers.raw(early, early.length);
        }
        Numbers elements = numbers == null && shape.size() == 0 ? new Numbers(wire(), type.get(), 0) : numbers;
        if (elements == null || !elements.full()) {
            throw error((elements == null ? 0 : elements.filled()) + " elements; expected " + shape.size() + " for "
                    + ElementTypes.name(typeNumber) + shape);
        }
        return new Stored.Held(elements.tensor(shape), ElementTypes.narrowBits(typeNumber));
    }

    private Shape shape() {
        var extents = new ArrayList<Integer>();
        for (long dim : dims) {
            if (dim < 0 || dim > Integer.MAX_VALUE) {
                throw error("extent " + dim + "; expected 0 to 2^31-1");
            }
            extents.add((int) dim);
        }
        try {
            return new Shape(extents);
        } catch (IllegalArgumentException e) {
            throw new ImportException(Kind.MALFORMED, described() + ": " + e.getMessage(), e);
        }
    }

    /** The name may only come after the elements. */
    private String described() {
        return name.isEmpty() ? place : "tensor '" + name + "'";
    }

    private ImportException error(String problem) {
        return new ImportException(Kind.MALFORMED, described() + ": " + problem);
    }
}
