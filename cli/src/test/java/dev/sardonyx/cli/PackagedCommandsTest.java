package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.cli.metrics.AdminPort;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/** What is packaged (units, manifests, the image's recipe) names options, ports, paths and volumes that are there. */
class PackagedCommandsTest {
    private static final Path PACKAGING = Path.of(System.getProperty("sardonyx.root", "..")).resolve("cli/src/packaging");
    private static final Path KUBERNETES = PACKAGING.resolve("kubernetes");
    private static final String IMAGE = "sardonyx:0.1.0";
    private static final String BINARY = "/opt/sardonyx/bin/sardonyx";

    private static CommandLine command() {
        var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        return Main.commandLine(Terminal.of(nowhere, nowhere));
    }

    private static Object yaml(Path file) throws IOException {
        return new Load(LoadSettings.builder().setLabel(file.toString()).setAllowDuplicateKeys(false).build()).loadFromString(Files.readString(file));
    }

    private static List<Path> manifests() throws IOException {
        try (Stream<Path> files = Files.walk(KUBERNETES)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        }
    }

    /** Walks through a document and shows every mapping with the place where it stands. */
    private static void walk(Object node, String place, BiConsumer<String, Map<?, ?>> visitor) {
        switch (node) {
            case Map<?, ?> map -> {
                visitor.accept(place, map);
                map.forEach((key, value) -> walk(value, place + "/" + key, visitor));
            }
            case List<?> list -> list.forEach(value -> walk(value, place + "[]", visitor));
            case null, default -> { }
        }
    }

    private static List<String> texts(Object list) {
        return list instanceof List<?> items ? items.stream().map(String::valueOf).toList() : List.of();
    }

    private static Map<String, List<String>> kubernetesCommandLines() throws IOException {
        Map<String, List<String>> lines = new TreeMap<>();
        for (Path file : manifests()) {
            walk(yaml(file), "", (place, map) -> {
                if (IMAGE.equals(map.get("image")) && place.endsWith("/containers[]")) {
                    lines.put(file + " " + map.get("name"), texts(map.get("args")));
                }
            });
        }
        return lines;
    }

    private static Map<String, List<String>> unitCommandLines() throws IOException {
        Map<String, List<String>> lines = new TreeMap<>();
        try (Stream<Path> units = Files.list(PACKAGING.resolve("systemd"))) {
            for (Path unit : units.toList()) {
                String start = Files.readAllLines(unit).stream().filter(line -> line.startsWith("ExecStart=")).findFirst().orElseThrow();
                List<String> words = Arrays.asList(start.substring("ExecStart=".length()).split(" "));
                assertEquals(BINARY, words.getFirst(), unit.toString());
                lines.put(unit.toString(), words.subList(1, words.size()));
            }
        }
        return lines;
    }

    @Test
    void everyCommandLineIsOneThatTheCommandTakes() throws IOException {
        Map<String, List<String>> lines = new TreeMap<>(kubernetesCommandLines());
        lines.putAll(unitCommandLines());
        assertEquals(4, lines.size(), () -> "" + lines.keySet());
        lines.forEach((where, arguments) -> assertDoesNotThrow(() -> command().parseArgs(arguments.toArray(String[]::new)), () -> where + ": " + arguments));
        assertEquals(Set.of("party", "gateway"), lines.values().stream().map(List::getFirst).collect(Collectors.toSet()));
    }

    @Test
    void theImagesRecipeStartsTheSameBinaryAsTheUnits() throws IOException {
        String recipe = Files.readString(PACKAGING.resolve("docker/Dockerfile"));
        assertTrue(recipe.contains("ENTRYPOINT [\"" + BINARY + "\"]"), recipe);
        assertTrue(recipe.contains("-t " + IMAGE + " "), recipe);
        assertTrue(recipe.lines().anyMatch(line -> line.startsWith("USER 10001")), recipe);
        assertTrue(recipe.contains("EXPOSE 7400 9464"), recipe);
        assertTrue(Files.isExecutable(PACKAGING.resolve("bin/sardonyx")));
        // Standard image names only unless whoever builds says otherwise: no registry of anybody's own.
        String standard = "[a-z0-9]+:[a-z0-9.-]+";
        for (String base : recipe.lines().filter(line -> line.startsWith("FROM ")).map(line -> line.split(" ")[1]).toList()) {
            String image = base.startsWith("${") ? argument(recipe, base.substring(2, base.length() - 1)) : base;
            assertTrue(image.matches(standard), image);
        }
    }

    private static String argument(String recipe, String name) {
        String start = "ARG " + name + "=";
        return recipe.lines().filter(line -> line.startsWith(start)).map(line -> line.substring(start.length())).findFirst().orElseThrow(() -> new AssertionError(
                "no default of " + name));
    }

    @Test
    void theImagesBuildSeesEveryModulesPom() throws IOException {
        List<String> ignored = Files.readAllLines(PACKAGING.resolve("docker/Dockerfile.dockerignore"));
        Matcher module = Pattern.compile("<module>([^<]+)</module>").matcher(Files.readString(PACKAGING.resolve("../../../pom.xml")));
        int modules = 0;
        while (module.find()) {
            String name = module.group(1);
            assertFalse(ignored.contains(name), () -> name + " is left out whole");
            assertTrue(!ignored.contains(name + "/*") || ignored.contains("!" + name + "/pom.xml"), () -> name + " is left out with its POM, without which Maven reads none");
            modules++;
        }
        assertTrue(modules > 1, "no modules");
    }

    @Test
    void portsOfConfigurationContainerServicePolicyAndProbesAgree() throws IOException {
        for (int party = 0; party < 3; party++) {
            String config = Files.readString(KUBERNETES.resolve("party-" + party + "/party.yaml"));
            assertTrue(config.contains("listen: \"0.0.0.0:7400\"") && config.contains("metrics: \"0.0.0.0:9464\""), config);
        }
        Map<String, Integer> ports = new HashMap<>();
        walk(yaml(KUBERNETES.resolve("base/statefulset.yaml")), "", (place, map) -> {
            if (map.get("containerPort") instanceof Integer port) {
                ports.put(String.valueOf(map.get("name")), port);
            }
        });
        assertEquals(Map.of("sardonyx", 7400, "metrics", 9464), ports);
        walk(yaml(KUBERNETES.resolve("base/service.yaml")), "", (place, map) -> {
            if (map.containsKey("targetPort")) {
                assertEquals(7400, map.get("port"));
                assertEquals("sardonyx", map.get("targetPort"));
            }
        });
        Set<Object> allowed = new TreeSet<>();
        walk(yaml(KUBERNETES.resolve("base/network-policy.yaml")), "", (place, map) -> {
            if (map.containsKey("protocol") && place.contains("ingress")) {
                allowed.add(map.get("port"));
            }
        });
        assertEquals(Set.of(7400, 9464), allowed);
        assertTrue(kubernetesCommandLines().values().stream().filter(line -> line.getFirst().equals("gateway")).allMatch(line -> line.contains("0.0.0.0:9464")));
    }

    @Test
    void probesAskForPathsThatAreAnswered() throws IOException, InterruptedException {
        var paths = new TreeSet<String>();
        for (Path file : manifests()) {
            walk(yaml(file), "", (place, map) -> {
                if (place.endsWith("/httpGet")) {
                    paths.add(String.valueOf(map.get("path")));
                    assertEquals("metrics", map.get("port"), place);
                }
            });
        }
        assertEquals(Set.of("/health/live", "/health/ready"), paths);
        try (var port = AdminPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> "", Optional::empty); var client = HttpClient.newHttpClient()) {
            for (String path : paths) {
                URI uri = URI.create("http://127.0.0.1:" + port.address().getPort() + path);
                assertEquals(200, client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding()).statusCode(), path);
            }
        }
    }

    @Test
    void everyMountedVolumeIsThereAndEveryConfiguredPathIsMounted() throws IOException {
        for (String name : List.of("base/statefulset.yaml", "data-owner/deployment.yaml")) {
            Object document = yaml(KUBERNETES.resolve(name));
            var volumes = new TreeSet<String>();
            var mounted = new TreeSet<String>();
            List<String> places = new ArrayList<>();
            walk(document, "", (place, map) -> {
                if (place.endsWith("/volumes[]")) {
                    volumes.add(String.valueOf(map.get("name")));
                } else if (place.endsWith("/volumeClaimTemplates[]/metadata")) {
                    volumes.add(String.valueOf(map.get("name")));
                } else if (place.endsWith("/volumeMounts[]")) {
                    mounted.add(String.valueOf(map.get("name")));
                    if (place.contains("/containers[]")) {
                        places.add(String.valueOf(map.get("mountPath")));
                    }
                }
            });
            assertEquals(volumes, mounted, name);
            Path config = KUBERNETES.resolve(name.startsWith("base") ? "party-0/party.yaml" : "data-owner/cluster.yaml");
            walk(yaml(config), "", (place, map) -> map.values().stream().map(String::valueOf).filter(value -> value.startsWith("/"))
                    .forEach(path -> assertTrue(places.stream().anyMatch(mount -> path.startsWith(mount + "/")), () -> path + " is not under " + places)));
        }
    }

    @Test
    void nobodyIsCutOffWhileItDrains() throws IOException {
        walk(yaml(KUBERNETES.resolve("base/statefulset.yaml")), "", (place, map) -> {
            if (map.get("terminationGracePeriodSeconds") instanceof Integer grace) {
                assertTrue(grace > 30, place);
            }
        });
        for (int party = 0; party < 3; party++) {
            assertTrue(Files.readString(KUBERNETES.resolve("party-" + party + "/party.yaml")).contains("drain-seconds: 30"));
        }
        assertTrue(Files.readString(PACKAGING.resolve("systemd/sardonyx-party.service")).contains("TimeoutStopSec=45"));
    }

    @Test
    void theThreePartiesDifferInTheirNumberAlone() throws IOException {
        for (String file : List.of("kustomization.yaml", "namespace.yaml", "party.yaml")) {
            String first = ownNumber(0, file);
            for (int party = 1; party < 3; party++) {
                assertEquals(first, ownNumber(party, file), file);
            }
        }
        for (Path file : manifests()) {
            assertFalse(Files.readString(file).contains("BEGIN "), () -> file + " holds a key or a certificate");
        }
    }

    private static String ownNumber(int party, String file) throws IOException {
        String text = Files.readString(KUBERNETES.resolve("party-" + party).resolve(file));
        return text.replace("arty " + party, "arty N").replace("party: " + party, "party: N").replaceFirst("(?m)^certificate: (.*)party-" + party, "certificate: $1party-N")
                .replaceAll("(?m)^(.*)(name(?:space)?: )sardonyx-party-" + party + "$", "$1$2sardonyx-party-N");
    }
}
