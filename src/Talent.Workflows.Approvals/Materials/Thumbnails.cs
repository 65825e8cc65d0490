using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Programs;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>缩略图: small pictures of pictures, turned as they are to be shown, made by GraphicsMagick when they are asked for and kept nowhere.</summary>
/// <remarks>Source: R-CASE-4, R-CASE-5. Decoding pictures is left to a program of its own: it reads what anybody uploads, without the server's rights, within limits of time and memory, and may fail without the server.</remarks>
public sealed class Thumbnails(IOptions<MaterialOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>Longest side, in pixels.</summary>
    public const int Side = 320;

    /// <summary>What a thumbnail is, whatever the picture was.</summary>
    public const string MediaType = "image/jpeg";

    /// <summary>As many are made at once.</summary>
    internal const int AtOnce = 2;

    private const int MostBytes = 1 << 20;

    // What the program may decode is half of it.
    private const long MostMemory = 1L << 30;

    private readonly SemaphoreSlim places = new(AtOnce);

    /// <param name="kind">One of the pictures of <see cref="FileKinds"/>.</param>
    /// <param name="rotation">Degrees clockwise.</param>
    /// <exception cref="WorkflowException"><c>unavailable</c>: the node hasn't the program; <c>busy</c>; <c>wrong_state</c>: it can't be decoded within its limits.</exception>
    public async Task<byte[]> MakeAsync(Stream content, string kind, int rotation, CancellationToken cancellationToken)
    {
        if (options.Value.ThumbnailCommand is not { Length: > 0 } program)
            throw MaterialRefusal.NoThumbnails();
        var longest = TimeSpan.FromSeconds(options.Value.ThumbnailSeconds);
        if (!await places.WaitAsync(longest, cancellationToken))
            throw MaterialRefusal.Busy();
        try
        {
            // Its time counts from its start, however long it has queued.
            var outside = new OutsideProgram(program, Arguments(kind, rotation), time) { Account = options.Value.ThumbnailAccount, MemoryBytes = MostMemory, Longest = longest };
            var answer = await outside.RunAsync(content, MostBytes, cancellationToken);
            if (answer.IsMissing)
                throw MaterialRefusal.NoThumbnails();
            return answer is { ExitCode: 0, Cut: false, Output.Length: > 0 } ? answer.Output : throw MaterialRefusal.Undecodable();
        }
        catch (Win32Exception)
        {
            throw MaterialRefusal.NoThumbnails();
        }
        catch (TimeoutException)
        {
            throw MaterialRefusal.Undecodable();
        }
        finally
        {
            places.Release();
        }
    }

    public void Dispose() => places.Dispose();

    // The kind is said, so that nothing is guessed from the content; what is stored beside the pixels, such as where a picture was taken, goes.
    private static string[] Arguments(string kind, int rotation)
    {
        var side = string.Create(CultureInfo.InvariantCulture, $"{Side}x{Side}");
        var decoded = string.Create(CultureInfo.InvariantCulture, $"{2 * Side}x{2 * Side}");
        return
        [
            "convert", "-limit", "Memory", "512MiB", "-limit", "Map", "0", "-limit", "Disk", "0", "-limit", "Threads", "1",
            "-size", decoded, kind == FileKinds.Png ? "png:-" : "jpeg:-", "-auto-orient", "-rotate", rotation.ToString(CultureInfo.InvariantCulture),
            "-background", "white", "-flatten", "-thumbnail", side + ">", "-strip", "-quality", "80", "jpeg:-",
        ];
    }
}
