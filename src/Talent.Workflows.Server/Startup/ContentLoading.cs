using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.Startup;

/// <summary>Brings what <c>workflows/</c> holds into the database: definitions whose content differs become new published versions.</summary>
internal sealed partial class ContentLoading(ApprovalContent content, DefinitionStore definitions, DirectoryImport directory, ILogger<ContentLoading> logger)
{
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var service in content.Services)
        {
            var published = await definitions.ImportAsync(service.Definition, publish: true, Actor.System, cancellationToken);
            LogService(service.Service.Id, published.Id);
        }
        foreach (var organisations in content.Directories)
            if (await directory.ImportAsync(organisations, Actor.System, cancellationToken) is > 0 and var changed)
                LogDirectory(changed);
    }

    [LoggerMessage(EventId = 4301, Level = LogLevel.Information, Message = "Service {Service} runs definition {Version}")]
    private partial void LogService(string service, string version);

    [LoggerMessage(EventId = 4302, Level = LogLevel.Information, Message = "{Changed} organisations and users were added or changed")]
    private partial void LogDirectory(int changed);
}
