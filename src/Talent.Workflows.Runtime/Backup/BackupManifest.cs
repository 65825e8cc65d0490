using System.Text.Json;

namespace Talent.Workflows.Runtime.Backup;

/// <summary>The entry <c>manifest.json</c> of a backup: what it holds and how to tell that it is undamaged.</summary>
public sealed record BackupManifest
{
    internal const string EntryName = "manifest.json";
    internal const int CurrentFormat = 1;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The version of this layout.</summary>
    public required int Format { get; init; }

    /// <summary>The version of the product that wrote it.</summary>
    public required string ProductVersion { get; init; }

    /// <summary>When it was written, by the machine clock. The data are of one instant just after.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The first transaction id that the source hadn't used: stored ids are below it.</summary>
    public required ulong NextTransactionId { get; init; }

    /// <summary>The schema that the data fit.</summary>
    public required IReadOnlyList<AppliedMigration> Migrations { get; init; }

    /// <summary>One for each table.</summary>
    public required IReadOnlyList<TableEntry> Tables { get; init; }

    /// <summary>One for each sequence, those of identity columns included.</summary>
    public required IReadOnlyList<SequenceValue> Sequences { get; init; }

    /// <summary>A migration and the SHA-256 of its statements.</summary>
    public sealed record AppliedMigration(int Number, string Name, string Checksum);

    /// <summary>A table and its entry in the archive: PostgreSQL's COPY text format, UTF-8, in the order of <paramref name="Columns"/>.</summary>
    /// <param name="Schema">Its schema.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Columns">All but generated columns.</param>
    /// <param name="Entry">The entry of the archive.</param>
    /// <param name="Rows">How many there are.</param>
    /// <param name="Sha256">Of the uncompressed entry, lower-case hexadecimal.</param>
    public sealed record TableEntry(string Schema, string Name, IReadOnlyList<string> Columns, string Entry, long Rows, string Sha256);

    /// <summary>Where a sequence stands.</summary>
    public sealed record SequenceValue(string Schema, string Name, long LastValue, bool IsCalled);

    internal Task WriteAsync(Stream stream, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeAsync(stream, this, Json, cancellationToken);

    /// <exception cref="BackupException">It isn't one, or of a layout that this version doesn't know.</exception>
    internal static async Task<BackupManifest> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await JsonSerializer.DeserializeAsync<BackupManifest>(stream, Json, cancellationToken);
            return manifest switch
            {
                null => throw new BackupException("The manifest of this backup is empty. Take another copy of the file."),
                { Format: not CurrentFormat } => throw new BackupException(
                    $"This backup has layout {manifest.Format} and was written by version {manifest.ProductVersion}; this version reads layout {CurrentFormat}. Restore it with that version."),
                _ => manifest,
            };
        }
        catch (JsonException cause)
        {
            throw new BackupException("The manifest of this backup can't be read. Take another copy of the file.", cause);
        }
    }
}
