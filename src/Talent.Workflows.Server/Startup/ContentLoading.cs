using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.Materials.Samples;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// Brings what changed in <c>workflows/</c> since the last import into the database, once. Between two changes of a file
/// the database is what counts: what operators publish, draft or deactivate there stays.
/// </summary>
internal sealed partial class ContentLoading(
    ApprovalContent content, DefinitionStore definitions, DirectoryImport directory, CatalogueImport catalogue, SampleProfiles profiles, SampleMaterials materials, NpgsqlDataSource database, IOptions<ServerOptions> options, IHostEnvironment environment,
    TimeProvider time, ILogger<ContentLoading> logger)
{
    private const string SampleFiles = "sample-";

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var imports = await ContentImports.BeginAsync(database, cancellationToken);
        foreach (var service in content.Services)
            await LoadDefinitionAsync(imports, service.Service.Id, service.Definition, cancellationToken);
        foreach (var organisations in content.Directories)
            if (!organisations.File.StartsWith(SampleFiles, StringComparison.Ordinal) || environment.IsDevelopment() || options.Value.ImportSamples)
                await LoadDirectoryAsync(imports, organisations, cancellationToken);
        await catalogue.ImportAsync(Actor.System, cancellationToken);
        if (environment.IsDevelopment() || options.Value.ImportSamples)
        {
            await profiles.ImportAsync(Actor.System, cancellationToken);
            foreach (var service in content.Services)
                if (await materials.KeepAsync(service, cancellationToken) is > 0 and var kept)
                    LogMaterials(service.Service.Id, kept);
        }
        await imports.CommitAsync(cancellationToken);
    }

    /// <summary>Imports a directory because an operator says so, whatever was imported before.</summary>
    /// <returns>How many organisations and users were added or changed.</returns>
    public async Task<int> ImportAsync(OrganisationDirectory organisations, CancellationToken cancellationToken)
    {
        await using var imports = await ContentImports.BeginAsync(database, cancellationToken);
        var changed = await directory.ImportAsync(organisations, Actor.System, cancellationToken);
        await imports.RememberAsync(ContentImports.Directory, organisations.File, organisations.Hash, time.GetUtcNow(), cancellationToken);
        await imports.CommitAsync(cancellationToken);
        return changed;
    }

    private async Task LoadDefinitionAsync(ContentImports imports, string service, ReadOnlyMemory<byte> file, CancellationToken cancellationToken)
    {
        var hash = ContentImports.HashOf(file.Span);
        var history = await imports.HistoryAsync(ContentImports.Definition, service, hash, cancellationToken);
        var definitionId = DefinitionReader.Read(file).DefinitionId;
        var latest = await definitions.FindLatestAsync(definitionId, cancellationToken);
        var edited = latest is not null && latest.CreatedBy != Actor.System.Credential;
        if (latest is not null && history is ImportHistory.Current or ImportHistory.Superseded)
        {
            if (history is ImportHistory.Superseded)
                LogSuperseded($"{service}/definition.json", "the latest version");
            LogService(service, (await definitions.FindPublishedAsync(definitionId, cancellationToken))?.Id ?? "(none published)");
            return;
        }
        if (edited && await IsDraftAsync(latest!, cancellationToken))
            LogDraftWins(service, latest!.Id, latest.CreatedBy);
        else if (edited && history is ImportHistory.NeverSeen)
            // A database from before imports were remembered: nobody can tell whether the file or the database is newer.
            LogDatabaseWins(service, latest!.Id, latest.CreatedBy);
        else if (await definitions.FindPublishedAsync(definitionId, cancellationToken) is { } used && used.CreatedBy != Actor.System.Credential)
            // What somebody made and published stays in use until somebody decides otherwise.
            LogFileIsDraft(service, (await definitions.ImportAsync(file, publish: false, Actor.System, cancellationToken)).Id, used.Id, used.CreatedBy);
        else
            LogService(service, (await definitions.ImportAsync(file, publish: true, Actor.System, cancellationToken)).Id);
        await imports.RememberAsync(ContentImports.Definition, service, hash, time.GetUtcNow(), cancellationToken);
    }

    private async Task LoadDirectoryAsync(ContentImports imports, OrganisationDirectory organisations, CancellationToken cancellationToken)
    {
        var history = await imports.HistoryAsync(ContentImports.Directory, organisations.File, organisations.Hash, cancellationToken);
        if (history is ImportHistory.Superseded)
            LogSuperseded(organisations.File, "what is in the database");
        if (history is ImportHistory.Current or ImportHistory.Superseded)
            return;
        // All known but never remembered: the database is from before imports were, and has what the file says or what operators made of it.
        if (history is ImportHistory.Changed || !await imports.KnowsAllAsync(organisations, cancellationToken))
            LogDirectory(organisations.File, await directory.ImportAsync(organisations, Actor.System, cancellationToken));
        await imports.RememberAsync(ContentImports.Directory, organisations.File, organisations.Hash, time.GetUtcNow(), cancellationToken);
    }

    /// <summary>A version that was published once is no draft, even when another one is published now.</summary>
    private async Task<bool> IsDraftAsync(DefinitionRecord latest, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select published_at is null from engine.definitions where id = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = latest.Id });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(EventId = 4301, Level = LogLevel.Information, Message = "Service {Service} runs definition {Version}")]
    private partial void LogService(string service, string version);

    [LoggerMessage(EventId = 4302, Level = LogLevel.Information, Message = "{File}: {Changed} organisations and users were added or changed")]
    private partial void LogDirectory(string file, int changed);

    [LoggerMessage(EventId = 4317, Level = LogLevel.Information, Message = "{Kept} materials of the samples of {Service} are in the libraries of the sample people")]
    private partial void LogMaterials(string service, int kept);

    [LoggerMessage(EventId = 4304, Level = LogLevel.Warning,
        Message = "The definition file of {Service} changed, but {Version} is a draft that {Editor} edits: the draft stays. Import the file by the API if it is to count")]
    private partial void LogDraftWins(string service, string version, string editor);

    [LoggerMessage(EventId = 4305, Level = LogLevel.Warning, Message = "Service {Service} keeps {Version}, which {Editor} made: the file was never imported. Import it by the API if it is to count")]
    private partial void LogDatabaseWins(string service, string version, string editor);

    [LoggerMessage(EventId = 4306, Level = LogLevel.Warning,
        Message = "The definition file of {Service} changed and became the draft {Version}; {Used}, which {Editor} made, stays in use. Publish the draft if the file is to count")]
    private partial void LogFileIsDraft(string service, string version, string used, string editor);

    [LoggerMessage(EventId = 4307, Level = LogLevel.Warning,
        Message = "{File} is one that was imported before a newer one: {Kept} stays. Import it by the API or with 'import-directory' if it is to count")]
    private partial void LogSuperseded(string file, string kept);
}
