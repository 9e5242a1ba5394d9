package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Why a file cannot be read or written, in plain words: Java often gives a path alone, and the reason in the name of a class. */
final class FileTrouble {
    private FileTrouble() {
    }

    /**
     * A sentence that begins with the path of what cannot be read.
     *
     * @param files those that were to be read, for what does not say which one it is about
     */
    static String reading(IOException failure, Path... files) {
        return Arrays.stream(files).filter(file -> !(failure instanceof FileSystemException) && Files.isDirectory(file)).findFirst()
                .map(directory -> directory + " is a directory; expected a file").orElseGet(() -> told(failure, "read", files));
    }

    /**
     * A sentence that begins with the path of what cannot be written.
     *
     * @param files those that were to be written, or their directory, for what does not say which one it is about
     */
    static String writing(IOException failure, Path... files) {
        return told(failure, "written", files);
    }

    /** Why a disk does not do as it should, for somebody elsewhere, whom this machine's paths do not concern. */
    static String reason(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "a file or directory is missing on its disk";
            case AccessDeniedException _ -> "it may not use its own files";
            case FileSystemException e -> e.getReason() == null ? "its disk fails (" + e.getClass().getSimpleName() + ")" : e.getReason();
            case EOFException _ -> "there is too little of it";
            default -> String.valueOf(failure.getMessage());
        };
    }

    /** What a disk did, in the words of {@link #writing}, where that is what a service failed for; contents that are wrong are none of its doing. */
    static Optional<String> behind(ServiceException failure, Path directory) {
        return failure.kind() != Kind.BUSY ? Optional.empty() : switch (failure.getCause()) {
            case ServiceException cause -> behind(cause, directory);
            case IOException cause -> Optional.of(writing(cause, directory));
            case null, default -> Optional.empty();
        };
    }

    private static String told(IOException failure, String done, Path... files) {
        String said = String.valueOf(failure.getMessage());
        return switch (failure) {
            case NoSuchFileException e -> e.getFile() + " does not exist";
            case AccessDeniedException e -> e.getFile() + " may not be " + done + " by this user";
            case FileAlreadyExistsException e -> e.getFile() + " exists, and is not what is expected there";
            case FileSystemException e -> e.getFile() + " cannot be " + done + (e.getReason() == null ? " (" + e.getClass().getSimpleName() + ")" : ": " + e.getReason());
            case CharacterCodingException e -> named(files) + " is not text in UTF-8";
            default -> Arrays.stream(files).anyMatch(file -> said.startsWith(file.toString())) ? said : named(files) + " cannot be " + done + ": " + said;
        };
    }

    private static String named(Path... files) {
        return String.join(" or ", List.of(files).stream().map(Path::toString).toList());
    }
}
