using System.Text.Json;
using Microsoft.Extensions.Logging;
using Talent.Workflows.Approvals.Catalogue.Documents;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>
/// Brings documents and rounds of the files into the database. A file that was there before is no change, whichever came after it, so
/// that an old release which restarts brings nothing back; what an administrator has changed stays as they left it.
/// </summary>
public sealed partial class CatalogueImport(ApprovalContent content, DocumentStore documents, DocumentDesk documentDesk, CatalogueDesk desk, Npgsql.NpgsqlDataSource database, ILogger<CatalogueImport> logger)
{
    /// <returns>How many documents and rounds were added or changed.</returns>
    public async Task<int> ImportAsync(Actor actor, CancellationToken cancellationToken)
    {
        var changed = 0;
        foreach (var file in content.Documents)
        {
            var (last, isFile, hashes) = await documents.LastAsync(file.Service, file.Slug, cancellationToken);
            if (hashes.Contains(file.Hash))
                continue;
            if (!isFile)
            {
                LogKept("document", $"{file.Service}/{file.Slug}");
                continue;
            }
            await documentDesk.WriteAsync(actor, file.Service, file.Slug, DocumentChange.Of(file, FromFile), last, last == 0 ? null : last, file.Hash, cancellationToken);
            changed++;
        }
        foreach (var (id, round) in content.Rounds)
        {
            var change = round with { Reason = FromFile };
            var before = await desk.FindRoundAsync(id, cancellationToken);
            if (before is not null && (await CatalogueChanges.ReadAsync(database, CatalogueChanges.Round, id, cancellationToken)).Any(c => c.User is null && c.Content.Deserialize<RoundChange>(JsonSerializerOptions.Web) == change))
                continue;
            if (before is not null && !await desk.IsFromFileAsync(id, cancellationToken))
            {
                LogKept("round", id);
                continue;
            }
            await desk.WriteAsync(actor, id, change, before?.Version ?? 0, before?.Version, fromFile: true, cancellationToken);
            changed++;
        }
        return changed;
    }

    private const string FromFile = "文件导入";

    [LoggerMessage(EventId = 4390, Level = LogLevel.Warning, Message = "The file of the {Kind} {Id} changed, but an administrator has changed it too: what is in the database stays. Save it by the API if the file is to count")]
    private partial void LogKept(string kind, string id);
}
