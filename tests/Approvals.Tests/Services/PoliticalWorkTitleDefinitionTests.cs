using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Tests.Calendars;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>政工职评's definition.json as the designer and the engine take it.</summary>
public sealed class PoliticalWorkTitleDefinitionTests
{
    internal static readonly WorkflowDefinition Shipped =
        DefinitionReader.Read(File.ReadAllBytes(Path.Combine(ShippedContent.Workflows, "political-work-title", "definition.json")));

    internal static ActivityCatalog Catalog { get; } = new([.. BuiltInActivities.All, .. ApprovalActivities.All(ChineseCalendars.Shipped, ShippedContent.Checks)]);

    [Fact]
    public void Definition_WhenValidated_ThenNothingIsWrong_R_ADM_1() => Assert.Empty(DefinitionValidator.Validate(Shipped, Catalog).Select(m => m.Message));

    [Fact]
    public void Definition_WhenFollowedFromItsStart_ThenEveryActivityIsReached()
    {
        var reached = new HashSet<string> { "start" };
        for (var before = 0; before != reached.Count;)
        {
            before = reached.Count;
            foreach (var connection in Shipped.Root.Connections)
                if (reached.Contains(connection.Source))
                    reached.Add(connection.Target);
        }

        Assert.Empty(Shipped.Root.Activities.Select(a => a.Id).Except(reached));
    }

    [Fact]
    public void Definition_WhenAnActivityEnds_ThenEveryOutcomeLeadsSomewhere()
    {
        var dangling = from activity in Shipped.Root.Activities
                       let descriptor = Catalog.Find(activity.Type)!.Descriptor
                       where !descriptor.IsTerminal
                       from outcome in descriptor.OutcomesOf(activity)
                       where !Shipped.Root.Connections.Any(c => c.Source == activity.Id && c.Port == outcome)
                       select $"{activity.Id}.{outcome}";

        Assert.Empty(dangling);
    }

    [Fact]
    public void Definition_WhenDrawn_ThenNoTwoActivitiesOverlapAndAllSpeakChinese()
    {
        var boxes = Shipped.Root.Activities.Select(a => (a.Id, Box: Box(a))).ToArray();

        Assert.Empty(from a in boxes from b in boxes where string.CompareOrdinal(a.Id, b.Id) < 0 && Overlap(a.Box, b.Box) select $"{a.Id} and {b.Id}");
        Assert.All(Shipped.Root.Activities, a => Assert.Contains(a.DisplayText, c => c is >= '一' and <= '龥'));
    }

    [Fact]
    public void Definition_WhenStagesAreNamed_ThenTheyAreThoseOfTheService()
    {
        using var service = JsonDocument.Parse(File.ReadAllText(Path.Combine(ShippedContent.Workflows, "political-work-title", "service.json")));
        var stages = service.RootElement.GetProperty("phases").EnumerateArray().SelectMany(p => p.GetProperty("stages").EnumerateArray());

        Assert.All(stages, s => Assert.Equal(s.GetProperty("zh").GetString(), Shipped.Activities[s.GetProperty("key").GetString()!].DisplayText));
        Assert.Equal([CaseFacts.Service, CaseFacts.ApplicantId, CaseFacts.EmployerId, CaseFacts.UnitId, CaseFacts.BureauId, CaseFacts.Region, CaseFacts.FiledBy, "bureauPrecheck"], Shipped.Inputs.Select(i => i.Name));
    }

    private static bool Overlap((double X, double Y, double W, double H) a, (double X, double Y, double W, double H) b) =>
        a.X < b.X + b.W && b.X < a.X + a.W && a.Y < b.Y + b.H && b.Y < a.Y + a.H;

    private static (double, double, double, double) Box(ActivityNode node)
    {
        var designer = node.Json.GetProperty("metadata").GetProperty("designer");
        var (position, size) = (designer.GetProperty("position"), designer.GetProperty("size"));
        return (position.GetProperty("x").GetDouble(), position.GetProperty("y").GetDouble(), size.GetProperty("width").GetDouble(), size.GetProperty("height").GetDouble());
    }
}
