using Talent.Workflows.Server.ElsaApi.Definitions;
using Talent.Workflows.Server.ElsaApi.Descriptors;
using Talent.Workflows.Server.ElsaApi.Instances;
using Talent.Workflows.Server.ElsaApi.Operations;
using Talent.Workflows.Server.Security;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.ElsaApi;

/// <summary>What Elsa Studio calls, compatible with an Elsa 3.8 server. For members of staff and service keys.</summary>
internal static class ElsaApiEndpoints
{
    public static void MapElsaApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup(ElsaProblem.BasePath).WithMetadata(new StaffAllowed()).ExcludeFromDescription();
        var definitions = api.MapGroup("").WithMetadata(new RequiredScope(Scopes.Definitions));
        definitions.MapDescriptors();
        definitions.MapFeatures();
        definitions.MapDefinitionReads();
        definitions.MapDefinitionGraphs();
        definitions.MapDefinitionWrites();
        definitions.MapDefinitionBulks();
        definitions.MapDefinitionFiles();
        var instances = api.MapGroup("").WithMetadata(new RequiredScope(Scopes.Workflows));
        instances.MapElsaInstances();
        instances.MapElsaExecutions();
        instances.MapDefinitionRuns();
        instances.MapElsaOperations();
        instances.MapElsaAlterations();
        instances.MapElsaAlterationPlans();
        instances.MapElsaBookmarks();
        instances.MapElsaInstanceExport();
        instances.MapElsaInstanceImport();
    }
}
