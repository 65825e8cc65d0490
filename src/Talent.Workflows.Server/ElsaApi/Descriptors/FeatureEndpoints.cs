using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.ElsaApi.Descriptors;

/// <summary>Which of Elsa's features this server has, and which release of Elsa's API it speaks.</summary>
internal static class FeatureEndpoints
{
    /// <summary>The release of Elsa that the API below <c>/elsa/api</c> is compatible with.</summary>
    public const string ElsaVersion = "3.8.2";

    public const string Hub = "/elsa/hubs/workflow-instance";

    public static void MapFeatures(this IEndpointRouteBuilder api)
    {
        api.MapGet("/features/installed", (IEnumerable<EndpointDataSource> endpoints) => ElsaJson.Ok(new ElsaItems<FeatureModel>([.. All(endpoints)])));
        api.MapGet("/features/installed/{fullName}", (string fullName, IEnumerable<EndpointDataSource> endpoints) => ElsaJson.Ok(All(endpoints).FirstOrDefault(f => f.FullName == fullName)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"The feature '{fullName}' isn't installed here.", $"本系统没有功能“{fullName}”。")));
        api.MapGet("/package/version", () => ElsaJson.Ok(new { packageVersion = ElsaVersion }));
    }

    private static IEnumerable<FeatureModel> All(IEnumerable<EndpointDataSource> endpoints)
    {
        foreach (var (name, about) in new[]
        {
            ("Elsa", "Workflows, designed in Studio."), ("Flowchart", "Flowcharts that run by tokens."), ("WorkflowManagement", "Definitions, their versions and drafts."),
            ("WorkflowRuntime", "Instances that outlive every process."), ("WorkflowsApi", "The API that Studio calls."), ("JavaScript", "Expressions in JavaScript, within limits."), ("Scheduling", "Delays, timers and cron."),
        })
            yield return new FeatureModel(name, "Elsa", $"Elsa.{name}", name, about);
        // Studio opens the hub when this is listed, so it is listed only when there is one.
        if (endpoints.SelectMany(e => e.Endpoints).OfType<RouteEndpoint>().Any(e => e.RoutePattern.RawText?.TrimEnd('/') == Hub))
            yield return new FeatureModel("RealTimeWorkflowUpdates", "Elsa", "Elsa.RealTimeWorkflowUpdates", "RealTimeWorkflowUpdates", "Open instances follow what happens.");
    }

    internal sealed record FeatureModel(string Name, string Namespace, string FullName, string DisplayName, string Description);
}
