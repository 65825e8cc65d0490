using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Tests.Calendars;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>政工职评's definition.json; what holds of every service is in <see cref="ServiceFilesTests"/>.</summary>
public sealed class PoliticalWorkTitleDefinitionTests
{
    internal static readonly WorkflowDefinition Shipped =
        DefinitionReader.Read(File.ReadAllBytes(Path.Combine(ShippedContent.Workflows, "political-work-title", "definition.json")));

    internal static ActivityCatalog Catalog { get; } = new([.. BuiltInActivities.All, .. ApprovalActivities.All(ChineseCalendars.Shipped, ShippedContent.Checks)]);

    [Fact]
    public void Definition_WhenItIsTheShippedOne_ThenItsInputsAreTheCasesFactsAndItsSwitch() =>
        Assert.Equal([CaseFacts.Service, CaseFacts.ApplicantId, CaseFacts.EmployerId, CaseFacts.UnitId, CaseFacts.BureauId, CaseFacts.Region, CaseFacts.FiledBy, "bureauPrecheck"], Shipped.Inputs.Select(i => i.Name));
}
