package dev.sardonyx.cli;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.files.DataSet;
import dev.sardonyx.reference.files.InputFiles;
import dev.sardonyx.reference.files.Pixels;
import dev.sardonyx.reference.files.Range;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.NetworkProfile;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.planner.PlanOptions.RangeSource;
import dev.sardonyx.secureops.planner.PlanOptions.Reveal;
import dev.sardonyx.transport.LinkProfile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say what is planned: they are the same for every command. */
final class PlanArguments {
    /** What {@code --protocol} may say. */
    static final class ProtocolNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Protocol.secureLabels().iterator();
        }
    }

    private static final double NANOS = 1e9;
    private static final int USUAL_TOP = 5;

    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec spec;

    @Option(names = "--protocol", paramLabel = "NAME", defaultValue = "replicated3", completionCandidates = ProtocolNames.class, description = "Sharing scheme: one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    String protocol = "replicated3";

    @Option(names = "--insecure-plaintext", description = "One party that sees everything: the same plan without secrecy, for tests.")
    boolean insecurePlaintext;

    @Option(names = "--model-visibility", paramLabel = "secret|public", defaultValue = "secret", description = "Whether the parties may see the weights. Default: ${DEFAULT-VALUE}.")
    String visibility = "secret";

    @Option(names = "--fraction-bits", paramLabel = "N", description = "One scale for all values. Default: planned for each.")
    @Nullable
    Integer fractionBits;

    @Option(names = "--network", paramLabel = "lan|wan|RTT,BW", description = "Network to plan for, and to shape the links of an embedded run by; such as wan or 10ms,1Gbit. Default: planned for lan, links as fast as memory.")
    @Nullable
    String network;

    @Option(names = "--input-range", paramLabel = "NAME=LO,HI", description = "Declared bounds of an input. Default: pixels as scaled, or the data's own, rounded to powers of two.")
    List<String> inputRanges = new ArrayList<>();

    @Option(names = "--calibrate", paramLabel = "FILE", description = "Samples that tighten the planned ranges.")
    @Nullable
    Path calibrate;

    @Option(names = "--ranges", paramLabel = "declared|private-derived", description = "Where bounds of weights come from: their declared range, or the weights themselves, to powers of two, which parties then learn. Default: declared for 'deploy', private-derived where parties are embedded.")
    @Nullable
    String ranges;

    /** Where bounds come from unless it is said. */
    private RangeSource usualRanges = RangeSource.PRIVATE_DERIVED;

    @Option(names = "--weight-range", paramLabel = "LO,HI", description = "Declared bounds of every weight, for --ranges declared. Default: two bounds of all together, of each and of the sums of rows, rounded up to four bits, which parties then learn.")
    @Nullable
    String weightRange;

    @Option(names = "--clamp-inputs", description = "Clamp inputs in shares to their range, as 'deploy' always does.")
    boolean clampInputs;

    @Option(names = "--disable-pass", paramLabel = "NAME", split = ",", description = "Switches an optimisation off; 'inspect --passes' lists them.")
    Set<String> disabled = Set.of();

    @Option(names = "--reveal", paramLabel = "all|argmax|topk[:K]", defaultValue = "all", description = "What the data owner gets of each output. Default: ${DEFAULT-VALUE}.")
    String reveal = "all";

    @Option(names = "--lanes", paramLabel = "N", defaultValue = "0", description = "Parts that a batch is cut into. Default: planned.")
    int lanes;

    @Option(names = "--insecure-seed", paramLabel = "N", description = "All randomness from a seed, for tests: no secrecy.")
    @Nullable
    Long insecureSeed;

    /** Refuses another protocol than a cluster's, where one was asked for. */
    void requireProtocol(Protocol running) {
        boolean asked = Objects.requireNonNull(spec).commandLine().getParseResult().hasMatchedOption("--protocol");
        if (asked && !protocol.equals(running.label())) {
            throw usage("--protocol " + protocol + ": the cluster runs " + running.label());
        }
    }

    /** Which protocol, refusing the one without secrecy unless it was asked for by its insecure name. */
    Protocol protocol() {
        if (insecurePlaintext) {
            return Protocol.INSECURE_PLAINTEXT;
        }
        Protocol named = Protocol.named(protocol).orElseThrow(() -> usage("--protocol " + protocol + ": unknown; expected "
                + String.join(", ", Protocol.secureLabels())));
        if (!named.isSecure()) {
            throw usage("--protocol " + protocol + " keeps nothing secret; say --insecure-plaintext if that is what you want");
        }
        return named;
    }

    /** How embedded links behave. */
    LinkProfile links() {
        try {
            return network == null ? LinkProfile.NONE : LinkProfile.parse(network);
        } catch (IllegalArgumentException e) {
            throw usage("--" + e.getMessage());
        }
    }

    /** The network's name for reports. */
    String networkName() {
        return network == null ? "memory" : network.strip().toLowerCase(Locale.ROOT);
    }

    /**
     * What to plan for.
     *
     * @param known bounds of inputs that the data give; those given by option come first
     */
    PlanOptions options(Protocol chosen, Map<String, Range> known) {
        Map<String, Interval> intervals = new LinkedHashMap<>();
        known.forEach((name, range) -> intervals.put(name, new Interval(range.low(), range.high())));
        intervals.putAll(declaredRanges());
        return new PlanOptions(chosen.implementation(), networkProfile(), publicWeights(), bits(), intervals, Map.of(), rangeSource(), reveal(),
                disabled, lanes, new PlanOptions.Trust(clampInputs, weightRange().map(PlanOptions.WeightBounds::ofEach)));
    }

    /** What all randomness comes from; empty for the system's. */
    OptionalLong seed() {
        return insecureSeed == null ? OptionalLong.empty() : OptionalLong.of(insecureSeed);
    }

    /** The samples of {@code --calibrate}. */
    Optional<DataSet> calibration(OnnxModel model, Pixels pixels) {
        return Optional.ofNullable(calibrate).map(file -> InputFiles.open(model.inputs(), model.metadata(), List.of(file.toString()), pixels));
    }

    /** The samples of {@code --calibrate} as planning takes them; none without the option. */
    Compiled.Samples calibrationSamples(OnnxModel model, Pixels pixels) {
        return calibration(model, pixels).map(samples -> Compiled.samples(model, samples)).orElse(Compiled.Samples.NONE);
    }

    /** Has bounds of weights be declared unless it is said otherwise. */
    void declareRanges() {
        usualRanges = RangeSource.DECLARED;
    }

    /** Bounds given by {@code --input-range}. */
    Map<String, Interval> declaredRanges() {
        Map<String, Interval> declared = new LinkedHashMap<>();
        for (String text : inputRanges) {
            int equals = text.lastIndexOf('=');
            Optional<Interval> interval = interval(text.substring(equals + 1));
            if (equals < 1 || interval.isEmpty()) {
                throw usage("--input-range " + text + ": expected NAME=LO,HI with finite numbers, the lower one first");
            }
            declared.put(text.substring(0, equals), interval.get());
        }
        return declared;
    }

    /** {@code LO,HI}; empty where the text is something else. */
    private static Optional<Interval> interval(String text) {
        String[] bounds = text.split(",", -1);
        try {
            return bounds.length != 2 ? Optional.empty() : Optional.of(new Interval(Double.parseDouble(bounds[0]), Double.parseDouble(bounds[1])));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private NetworkProfile networkProfile() {
        LinkProfile links = links();
        if (!links.shaped()) {
            return NetworkProfile.LAN;
        }
        double bandwidth = Double.isInfinite(links.bytesPerSecond()) ? NetworkProfile.LAN.bytesPerSecond() : links.bytesPerSecond();
        return new NetworkProfile(networkName(), seconds(links.oneWayDelay()), bandwidth);
    }

    private boolean publicWeights() {
        return switch (visibility) {
            case "secret" -> false;
            case "public" -> true;
            default -> throw usage("--model-visibility " + visibility + ": expected secret or public");
        };
    }

    private OptionalInt bits() {
        if (fractionBits == null) {
            return OptionalInt.empty();
        }
        if (fractionBits < 1 || fractionBits > 40) {
            throw usage("--fraction-bits " + fractionBits + ": expected 1 to 40");
        }
        return OptionalInt.of(fractionBits);
    }

    private Optional<Interval> weightRange() {
        if (weightRange == null) {
            return Optional.empty();
        }
        if (rangeSource() != RangeSource.DECLARED) {
            throw usage("--weight-range goes with --ranges declared");
        }
        return Optional.of(interval(weightRange).orElseThrow(() -> usage("--weight-range " + weightRange + ": expected LO,HI with finite numbers, the lower one first")));
    }

    private RangeSource rangeSource() {
        return switch (ranges) {
            case null -> usualRanges;
            case "declared" -> RangeSource.DECLARED;
            case "private-derived" -> RangeSource.PRIVATE_DERIVED;
            default -> throw usage("--ranges " + ranges + ": expected declared or private-derived");
        };
    }

    /** What the data owner gets. */
    Reveal reveal() {
        String[] parts = reveal.split("[:=]", 2);
        try {
            return switch (parts[0]) {
                case "all" -> new Reveal.All();
                case "argmax" -> new Reveal.ArgMax();
                case "topk" -> new Reveal.TopK(parts.length == 2 ? Integer.parseInt(parts[1]) : USUAL_TOP);
                default -> throw usage("--reveal " + reveal + ": expected all, argmax or topk[:K]");
            };
        } catch (NumberFormatException e) {
            throw usage("--reveal " + reveal + ": expected all, argmax or topk[:K]");
        }
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }

    ParameterException usage(String message) {
        if (spec == null) {
            throw new IllegalStateException("options are read before they are parsed");
        }
        return new ParameterException(spec.commandLine(), message);
    }
}
