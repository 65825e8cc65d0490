using System.Text;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.ElsaApi.Descriptors;

/// <summary>What Studio builds its palette, editors and menus from.</summary>
internal static class DescriptorEndpoints
{
    public static void MapDescriptors(this IEndpointRouteBuilder api)
    {
        api.MapGet("/descriptors/activities", ListAsync);
        api.MapGet("/descriptors/activities/{typeName}", ReadAsync);
        api.MapPost("/descriptors/activities/{typeName}/options/{propertyName}", OptionsAsync).WithMetadata(new OnlyReads());
        api.MapPost("/scripting/javascript/type-definitions/{definitionId}", DeclarationsAsync).WithMetadata(new OnlyReads());
        Map("/descriptors/expression-descriptors", FixedDescriptors.Expressions);
        Map("/descriptors/variables", FixedDescriptors.Variables);
        Map("/descriptors/storage-drivers", FixedDescriptors.StorageDrivers);
        Map("/descriptors/workflow-activation-strategies", FixedDescriptors.ActivationStrategies);
        Map("/descriptors/incident-strategies", FixedDescriptors.IncidentStrategies);
        Map("/descriptors/log-persistence-strategies", FixedDescriptors.LogPersistenceStrategies);
        // A step is one commit; there is nothing to choose. Outputs are JSON, which every variable takes.
        Map("/descriptors/commit-strategies/workflows", _ => []);
        Map("/descriptors/commit-strategies/activities", _ => []);
        Map("/descriptors/output-converters", _ => []);

        void Map(string path, Func<DescriptorTexts, IEnumerable<object>> items) => api.MapGet(path, (HttpContext context) =>
        {
            context.Response.Headers.Vary = "Accept-Language";
            return ElsaJson.Ok(new ElsaItems<object>([.. items(DescriptorTexts.For(context.Request))]));
        });
    }

    private static async Task<IResult> ListAsync(HttpContext context, ActivityCatalog catalog, DescriptorChoices choices, UsedVersions versions, UsableWorkflows workflows, CancellationToken cancellationToken) =>
        ElsaJson.Ok(new ElsaItems<ActivityModel>(await ModelsAsync(context, catalog, choices, versions, workflows, cancellationToken)));

    private static async Task<IResult> ReadAsync(string typeName, int? version, HttpContext context, ActivityCatalog catalog, DescriptorChoices choices, UsedVersions versions, UsableWorkflows workflows, CancellationToken cancellationToken)
    {
        var models = await ModelsAsync(context, catalog, choices, versions, workflows, cancellationToken);
        return ElsaJson.Ok(models.LastOrDefault(m => m.TypeName == typeName && (version is null || m.Version == version)) ?? throw NoType(typeName));
    }

    /// <summary>The specifications of one editor, which its choices are part of.</summary>
    private static async Task<IResult> OptionsAsync(string typeName, string propertyName, HttpContext context, ActivityCatalog catalog, DescriptorChoices choices, UsedVersions versions, UsableWorkflows workflows, CancellationToken cancellationToken)
    {
        var model = (await ModelsAsync(context, catalog, choices, versions, workflows, cancellationToken)).LastOrDefault(m => m.TypeName == typeName) ?? throw NoType(typeName);
        var input = model.Inputs.FirstOrDefault(i => i.Name.Equals(propertyName, StringComparison.OrdinalIgnoreCase))
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"Activities of type '{typeName}' have no input '{propertyName}'.", $"活动类型“{typeName}”没有输入“{propertyName}”。");
        return ElsaJson.Ok(new { items = input.UiSpecifications });
    }

    private static async Task<IResult> DeclarationsAsync(string definitionId, HttpContext context, DefinitionStore definitions, ActivityCatalog catalog, CancellationToken cancellationToken)
    {
        var about = context.Request.HasJsonContentType() ? await ElsaJson.ReadAsync<DeclarationsRequest>(context) : new DeclarationsRequest();
        var document = await definitions.FindLatestAsync(definitionId, cancellationToken) is { } latest ? await definitions.ReadDocumentAsync(latest.Id, cancellationToken) : null;
        return TypedResults.Text(ScriptDeclarations.Of(document is null ? null : DefinitionReader.Read(document), catalog, about.ActivityTypeName), "text/plain", Encoding.UTF8);
    }

    private static async Task<List<ActivityModel>> ModelsAsync(HttpContext context, ActivityCatalog catalog, DescriptorChoices choices, UsedVersions versions, UsableWorkflows workflows, CancellationToken cancellationToken)
    {
        var texts = DescriptorTexts.For(context.Request);
        context.Response.Headers.Vary = "Accept-Language";
        return ActivityModels.All(catalog, texts, await choices.ReadAsync(texts, cancellationToken), await versions.ReadAsync(cancellationToken), await workflows.ReadAsync(cancellationToken));
    }

    private static WorkflowException NoType(string type) => new(ErrorCodes.NotFound, $"There is no activity type '{type}' here.", $"没有活动类型“{type}”。");

    internal sealed record DeclarationsRequest(string? WorkflowDefinitionId = null, string? ActivityTypeName = null, string? PropertyName = null);
}
