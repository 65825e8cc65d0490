using System.Text.RegularExpressions;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Talent.Workflows.Server.Studio;

/// <summary>
/// Serves Studio's own files below <c>/studio</c>: the compressed sibling when the browser takes it, under the name and
/// type of the original; for a year when the name carries a fingerprint of the content, else checked at each use.
/// </summary>
internal static partial class StudioFiles
{
    private static readonly object OriginalPath = new();
    private static readonly FileExtensionContentTypeProvider Types = new() { Mappings = { [".dat"] = "application/octet-stream", [".wasm"] = "application/wasm" } };

    public static void UseStudioFiles(this IApplicationBuilder app, string folder)
    {
        var provider = new PhysicalFileProvider(folder);
        app.Use((context, next) =>
        {
            TakeCompressed(context.Request, provider);
            return next(context);
        });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = provider,
            RequestPath = StudioPages.BasePath,
            ContentTypeProvider = new TypeOfOriginal(),
            OnPrepareResponse = Prepare,
        });
        app.Use(RestorePath);
    }

    /// <summary>The addresses of what a browser keeps for a year once it has it, the largest first, which is most of what Studio loads.</summary>
    public static IReadOnlyList<string> Lasting(string folder) =>
        [.. new DirectoryInfo(Path.Combine(folder, "_framework")).EnumerateFiles().OrderByDescending(f => f.Length).Select(f => $"{StudioPages.BasePath}/_framework/{f.Name}").Where(IsLasting)];

    private static bool IsLasting(string path) => Fingerprint().IsMatch(path);

    private static void TakeCompressed(HttpRequest request, PhysicalFileProvider files)
    {
        if (!request.Path.StartsWithSegments(StudioPages.BasePath, out var rest) || rest.Value is not { Length: > 1 } path || !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
            return;
        // A range counts in bytes of what is sent, so it is answered from the original.
        if (request.Headers.ContainsKey("Range"))
            return;
        foreach (var (encoding, ending) in new[] { ("br", ".br"), ("gzip", ".gz") })
            if (Accepts(request, encoding) && files.GetFileInfo(path + ending).Exists)
            {
                request.HttpContext.Items[OriginalPath] = request.Path;
                request.Path += ending;
                return;
            }
    }

    private static bool Accepts(HttpRequest request, string encoding) =>
        request.GetTypedHeaders().AcceptEncoding.Any(e => e.Quality is null or > 0 && e.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase));

    private static Task RestorePath(HttpContext context, RequestDelegate next)
    {
        if (context.Items.Remove(OriginalPath, out var original))
            context.Request.Path = (PathString)original!;
        return next(context);
    }

    private static void Prepare(StaticFileResponseContext response)
    {
        var context = response.Context;
        var headers = context.Response.Headers;
        if (context.Items.ContainsKey(OriginalPath))
            headers.ContentEncoding = context.Request.Path.Value!.EndsWith(".br", StringComparison.Ordinal) ? "br" : "gzip";
        headers.Vary = "Accept-Encoding";
        headers.CacheControl = IsLasting(Original(context.Request.Path.Value!)) ? "public, max-age=31536000, immutable" : "no-cache";
        // A worker is bound by the policy that its own script comes with.
        headers.ContentSecurityPolicy = StudioPages.Policy;
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    private static string Original(string path) => path.EndsWith(".br", StringComparison.Ordinal) || path.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : path;

    private sealed class TypeOfOriginal : IContentTypeProvider
    {
        public bool TryGetContentType(string subpath, out string contentType)
        {
            if (!Types.TryGetContentType(Original(subpath), out contentType!))
                return false;
            if (contentType.StartsWith("text/", StringComparison.Ordinal) || contentType is "application/json")
                contentType += "; charset=utf-8";
            return true;
        }
    }

    // dotnet.native.k3b4m9x2zq.wasm: what the build puts before the extension.
    [GeneratedRegex(@"/_framework/.*\.[a-z0-9]{10}\.(wasm|js|dat)$")]
    private static partial Regex Fingerprint();
}
