using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>
/// Keeps contents, each in a place of its own: <c>ab/cd/&lt;SHA-256&gt;-&lt;when&gt;-&lt;random&gt;</c>. A place is made once and never used
/// again: what no row names once it is old can be removed without asking anybody, whatever is uploaded meanwhile. Here they are
/// files of a folder; whoever keeps them elsewhere needs these same members and nothing of how they are done.
/// </summary>
public sealed class MaterialStore(IOptions<ApprovalOptions> approvals, IOptions<MaterialOptions> options, TimeProvider machine)
{
    private const string IncomingFolder = "incoming";
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The folders that contents are spread over at the first level.</summary>
    public const int Fans = 256;

    private string Folder => options.Value.Folder is { Length: > 0 } given ? given : Path.Combine(approvals.Value.DataDir, "materials");

    /// <summary>Begins a content, which is nothing until it is kept; disposing one that wasn't leaves nothing.</summary>
    public IncomingContent Begin()
    {
        MakeFolder(Path.Combine(Folder, IncomingFolder));
        var file = Path.Combine(Folder, IncomingFolder, string.Create(CultureInfo.InvariantCulture, $"{machine.GetUtcNow().ToUnixTimeMilliseconds():x}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}"));
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = OwnersFile;
        return new IncomingContent(this, file, new FileStream(file, create));
    }

    /// <summary>A whole content by its hash; null: it isn't there.</summary>
    internal async Task<byte[]?> ReadAsync(NpgsqlDataSource database, string hash, CancellationToken cancellationToken)
    {
        if (await database.QueryAsync("select place from approvals.material_contents where hash = $1", r => r.GetString(0), cancellationToken, hash) is not [var place])
            return null;
        await using var content = Open(place);
        if (content is null)
            return null;
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }

    /// <summary>The content in a place, from its beginning; null: it isn't there.</summary>
    public Stream? Open(string place)
    {
        try
        {
            return new FileStream(PathOf(place), new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan, Share = FileShare.Read | FileShare.Delete, BufferSize = 1 << 16 });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes a place; one that isn't there is no error.</summary>
    public void Remove(string place)
    {
        try
        {
            File.Delete(PathOf(place));
        }
        catch (DirectoryNotFoundException)
        {
            // It was never there.
        }
    }

    /// <summary>The places of one fan that were made before an instant of the machine clock.</summary>
    /// <param name="fan">0 to 255.</param>
    public IEnumerable<string> PlacesBefore(int fan, DateTimeOffset before)
    {
        var first = fan.ToString("x2", CultureInfo.InvariantCulture);
        var top = Path.Combine(Folder, first);
        if (!Directory.Exists(top))
            yield break;
        foreach (var file in Directory.EnumerateFiles(top, "*", SearchOption.AllDirectories))
            if (Path.GetFileName(file).Split('-') is [_, var made, _] && IsBefore(made, before))
                yield return $"{first}/{Path.GetFileName(Path.GetDirectoryName(file))}/{Path.GetFileName(file)}";
    }

    /// <summary>Removes what was begun before an instant of the machine clock and neither kept nor disposed: its node died.</summary>
    /// <returns>How many there were.</returns>
    public int RemoveAbandoned(DateTimeOffset before)
    {
        var incoming = Path.Combine(Folder, IncomingFolder);
        var removed = 0;
        if (Directory.Exists(incoming))
            foreach (var file in Directory.EnumerateFiles(incoming))
                if (IsBefore(Path.GetFileName(file).Split('-')[0], before))
                {
                    File.Delete(file);
                    removed++;
                }
        return removed;
    }

    /// <summary>Names durable content: after this the place exists, wholly, also when the power fails.</summary>
    private string Name(string file, string hash)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"{hash[..2]}/{hash[2..4]}/{hash}-{machine.GetUtcNow().ToUnixTimeMilliseconds():x}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var path = PathOf(place);
        var folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder);
        File.Move(file, path);
        // The file's name, and those of the folders that may just have been made.
        FolderFlush.Flush(folder, "materials");
        FolderFlush.Flush(Path.GetDirectoryName(folder)!, "materials");
        FolderFlush.Flush(Folder, "materials");
        return place;
    }

    private string PathOf(string place) => Path.Combine([Folder, .. place.Split('/')]);

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnersFolder);
    }

    private static bool IsBefore(string made, DateTimeOffset before) =>
        long.TryParse(made, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var at) && at < before.ToUnixTimeMilliseconds();

    /// <summary>A content that is being written.</summary>
    public sealed class IncomingContent : IAsyncDisposable
    {
        private readonly MaterialStore store;
        private readonly string file;
        private readonly FileStream content;
        private bool kept;

        internal IncomingContent(MaterialStore store, string file, FileStream content) => (this.store, this.file, this.content) = (store, file, content);

        /// <summary>To write it, and to read again what was written.</summary>
        public Stream Content => content;

        /// <summary>Puts it into a place of its own, wholly and durably.</summary>
        /// <param name="hash">SHA-256 in lower-case hexadecimal.</param>
        /// <returns>The place.</returns>
        public async Task<string> KeepAsync(string hash)
        {
            await content.FlushAsync();
            content.Flush(flushToDisk: true);
            await content.DisposeAsync();
            var place = store.Name(file, hash);
            kept = true;
            return place;
        }

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            await content.DisposeAsync();
            if (!kept)
                File.Delete(file);
        }
    }
}
