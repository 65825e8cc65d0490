using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Reviews;

namespace Talent.Workflows.Approvals.Cases.Packages;

/// <summary>What <c>service.json</c> must hold beyond its shape.</summary>
internal static partial class ServiceChecks
{
    private const string File = "service.json";
    private static readonly string[] Filers = ["applicant", "employer"];

    /// <exception cref="ContentException">The errors name the path and what to do.</exception>
    public static ServiceDefinition Check(ServiceDefinition service, Form form, string folderName)
    {
        List<ContentError> errors = [.. Errors(service, form, folderName)];
        return errors.Count == 0 ? service : throw new ContentException(errors);
    }

    private static IEnumerable<ContentError> Errors(ServiceDefinition service, Form form, string folderName)
    {
        if (service.Id != folderName)
        {
            yield return new(File, "id", $"the id is '{service.Id}' but the folder is '{folderName}'; make them the same");
        }

        if (!NumberCode().IsMatch(service.NumberCode))
        {
            yield return new(File, "numberCode", "must be two to six capital letters");
        }

        if (service.FiledBy.Count == 0 || service.FiledBy.Except(Filers, StringComparer.Ordinal).Any())
        {
            yield return new(File, "filedBy", $"must name {string.Join(" or ", Filers)}");
        }

        if (!CaseSubjects.All.Contains(service.Subject))
        {
            yield return new(File, "subject", $"'{service.Subject}' isn't known; use {string.Join(" or ", CaseSubjects.All)}");
        }
        else if (service.Subject == CaseSubjects.Employer && !service.FiledBy.SequenceEqual(["employer"]))
        {
            yield return new(File, "filedBy", "a case about an employer is filed by the employer alone: [\"employer\"]");
        }

        if (service.Opens is not null && (service.Subject != CaseSubjects.Employer || !ServiceId().IsMatch(service.Opens)))
        {
            yield return new(File, "opens", "names the id of a service, in a service whose subject is the employer");
        }

        if (service.EarlyEvents.Distinct(StringComparer.Ordinal).Count() != service.EarlyEvents.Count)
        {
            yield return new(File, "earlyEvents", "an event stands twice");
        }

        foreach (ContentError error in ConditionErrors(service))
        {
            yield return error;
        }

        foreach (string fact in service.Routing.Facts)
        {
            if (form.Field(fact) is not { } field)
            {
                yield return new(File, "routing.facts", $"the form has no field '{fact}'");
            }
            else if (field.Personal || field.Type is not (FieldType.Choice or FieldType.Boolean or FieldType.Number))
            {
                yield return new(File, "routing.facts", $"'{fact}' can't be a routing fact: only choices, yes/no and numbers that aren't personal may enter the workflow");
            }
        }

        foreach ((string name, string field) in service.MessageFacts)
        {
            if (form.Field(field) is not { } found)
            {
                yield return new(File, $"messageFacts.{name}", $"the form has no field '{field}'");
            }
            else if (found.Personal)
            {
                yield return new(File, $"messageFacts.{name}", $"'{field}' is personal and may not be in messages");
            }
        }

        string[] known = [.. service.Phases.SelectMany(p => p.Stages).Select(s => s.Key)];
        foreach ((string at, IReadOnlyList<string>? hiddenFrom) in form.Definition.Steps.SelectMany(s => s.Fields.Select(f => ($"{s.Key}.{f.Key}", f.HiddenFrom)).Prepend((s.Key, s.HiddenFrom))))
        {
            foreach (string stage in (hiddenFrom ?? []).Except(known, StringComparer.Ordinal))
            {
                yield return new("form.json", $"{at}.hiddenFrom", $"'{stage}' is no stage of service.json; use one of {string.Join(", ", known)}");
            }
        }

        foreach ((string name, string source) in service.Routing.Organisations)
        {
            if (!ServiceRouting.Sources.Contains(source))
            {
                yield return new(File, $"routing.organisations.{name}", $"'{source}' isn't known; use one of {string.Join(", ", ServiceRouting.Sources)}");
            }
        }

        foreach ((string path, string problem) in service.Clock.Problems())
        {
            yield return new(File, path, problem);
        }

        foreach (ContentError error in HandlingErrors(service))
        {
            yield return error;
        }

        foreach (ContentError error in LifeChecks.Errors(service))
        {
            yield return error;
        }

        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach (ServicePhase phase in service.Phases)
        {
            if (phase.Phase is not (1 or 2))
            {
                yield return new(File, "phases", $"phase is {phase.Phase}; it must be 1 (资格审核) or 2 (完善材料)");
            }

            foreach (ServiceStage stage in phase.Stages)
            {
                string at = $"phases[{phase.Phase}].stages[{stage.Key}]";
                if (!keys.Add(stage.Key))
                {
                    yield return new(File, at, "the stage's key is used twice");
                }

                if (stage.Organisation is not null && !service.Routing.Organisations.ContainsKey(stage.Organisation))
                {
                    yield return new(File, at, $"the organisation '{stage.Organisation}' isn't in routing.organisations");
                }

                if (stage.Switch is not null && !service.Switches.ContainsKey(stage.Switch))
                {
                    yield return new(File, at, $"the switch '{stage.Switch}' isn't in switches");
                }
            }
        }
    }

    private static IEnumerable<ContentError> HandlingErrors(ServiceDefinition service)
    {
        ServiceHandling handling = service.Handling;
        if (!Reads(handling.UrgeEvery))
        {
            yield return new(File, "handling.urgeEvery", $"'{handling.UrgeEvery}' isn't a time; write it like 24h or 1wd");
        }

        if (handling.UrgesPerStage is < 0 or > 100 || handling.JumpDays is < 1 or > 30)
        {
            yield return new(File, "handling", "urgesPerStage is 0 to 100, jumpDays 1 to 30");
        }

        string[] stages = [.. service.Phases.SelectMany(p => p.Stages).Select(s => s.Key)];
        foreach (CannedOpinion opinion in handling.Opinions)
        {
            if (opinion.Stage is { } stage && !stages.Contains(stage))
            {
                yield return new(File, "handling.opinions", $"'{stage}' is no stage of phases; correct it, or leave it out for all stages");
            }

            if (opinion.Outcome is { } outcome && !DecisionWords.TryParse(outcome, out _))
            {
                yield return new(File, "handling.opinions", $"'{outcome}' is no outcome; use approve, return, reject or refuse");
            }

            if (opinion.Zh.Length is 0 or > 500)
            {
                yield return new(File, "handling.opinions", "the text has 1 to 500 characters");
            }
        }
    }

    private static IEnumerable<ContentError> ConditionErrors(ServiceDefinition service)
    {
        ServiceConditions conditions = service.Conditions;
        if (conditions.Person.Except(ServiceConditions.OfPersons, StringComparer.Ordinal).FirstOrDefault() is { } person)
        {
            yield return new(File, "conditions.person", $"'{person}' isn't known; use {string.Join(" or ", ServiceConditions.OfPersons)}");
        }

        if (conditions.Employer.Except(ServiceConditions.OfEmployers, StringComparer.Ordinal).FirstOrDefault() is { } employer)
        {
            yield return new(File, "conditions.employer", $"'{employer}' isn't known; use {string.Join(", ", ServiceConditions.OfEmployers)}");
        }

        if (service.Routing.EmployerByCode && conditions.Person.Contains(ServiceConditions.Associated, StringComparer.Ordinal))
        {
            yield return new(File, "conditions.person", "a service by which people are associated is for those who aren't: leave 'associated' out");
        }

        if (service.Subject == CaseSubjects.Employer && conditions.Person.Count > 0)
        {
            yield return new(File, "conditions.person", "a service about employers has no applicant to ask anything of; leave it out");
        }
    }

    private static bool Reads(string rule)
    {
        try
        {
            return DeadlineRule.Parse(rule).Amount > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Whether the definition takes the switches and early events of the service: what it doesn't know has no effect.</summary>
    /// <exception cref="ContentException">The errors name the switch or event and what to do.</exception>
    public static JsonNode CheckDefinition(ServiceDefinition service, JsonNode definition)
    {
        List<ContentError> errors = [.. LifeChecks.Errors(service, definition)];
        foreach (string name in service.Switches.Keys)
        {
            if (Items(definition["inputs"]).FirstOrDefault(i => (string?)i["name"] == name) is not { } input)
            {
                errors.Add(new(File, $"switches.{name}", $"the switch '{name}' is unknown: definition.json has no input of this name; declare it there with the type Boolean, or remove the switch"));
            }
            else if ((string?)input["type"] is not ("Boolean" or "System.Boolean"))
            {
                errors.Add(new("definition.json", $"inputs[{name}]", "a switch of service.json is on or off, but this input isn't a Boolean; give it the type Boolean"));
            }
        }

        string[] declared = [.. Items(definition["customProperties"]?["earlyEvents"]).Select(e => (string?)e ?? "")];
        foreach (string name in service.EarlyEvents.Except(declared, StringComparer.Ordinal))
        {
            errors.Add(new(File, "earlyEvents", $"'{name}' isn't in customProperties.earlyEvents of definition.json, so it would be refused when it comes early; add it there, or remove it here"));
        }

        foreach (string name in declared.Except(service.EarlyEvents, StringComparer.Ordinal))
        {
            errors.Add(new("definition.json", "customProperties.earlyEvents", $"'{name}' isn't in earlyEvents of service.json; add it there, or remove it here"));
        }

        foreach (string name in declared.Where(name => !WaitsFor(definition["root"], name)))
        {
            errors.Add(new("definition.json", "customProperties.earlyEvents", $"no Elsa.Event waits for '{name}'; what comes early would never be read"));
        }

        return errors.Count == 0 ? definition : throw new ContentException(errors);
    }

    /// <summary>Whether what the form asks deciders for is asked by the stages too, so that nobody decides without it.</summary>
    /// <exception cref="ContentException">The errors name the stage and what to do.</exception>
    public static Form CheckDecisions(ServiceDefinition service, Form form, JsonNode definition)
    {
        List<ContentError> errors = [];
        foreach (DecisionFields decision in form.Definition.Decisions)
        {
            string at = $"decisions[{decision.Stage}.{decision.Outcome}]";
            if (service.Phases.SelectMany(p => p.Stages).All(s => s.Key != decision.Stage) || !DecisionWords.TryParse(decision.Outcome, out _))
            {
                errors.Add(new("form.json", at, "names no stage of service.json, or no outcome; outcomes are approve, return, reject and refuse"));
            }
            else if (decision.Fields.Any(f => f.Required) && !Asks(definition["root"], decision))
            {
                errors.Add(new("definition.json", $"{decision.Stage}.decisionData", $"the form asks for data when the stage decides '{decision.Outcome}'; name it in the stage's decisionData"));
            }
        }

        return errors.Count == 0 ? form : throw new ContentException(errors);
    }

    private static bool Asks(JsonNode? node, DecisionFields decision) => node switch
    {
        JsonObject activity => ((string?)(activity["id"] as JsonValue) == decision.Stage && activity["decisionData"]?.ToJsonString().Contains(decision.Outcome, StringComparison.OrdinalIgnoreCase) == true)
            || Items(activity["activities"]).Any(item => Asks(item, decision)),
        _ => false,
    };

    private static bool WaitsFor(JsonNode? node, string name) => node switch
    {
        JsonObject activity => ((string?)(activity["type"] as JsonValue) == "Elsa.Event" && activity["eventName"]?["expression"]?["value"] is JsonValue value && value.GetValueKind() == JsonValueKind.String && (string?)value == name)
            || activity.Any(p => WaitsFor(p.Value, name)),
        JsonArray array => array.Any(item => WaitsFor(item, name)),
        _ => false,
    };

    private static IEnumerable<JsonNode> Items(JsonNode? array) => (array as JsonArray ?? []).OfType<JsonNode>();

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,59}\z")]
    private static partial Regex ServiceId();

    [GeneratedRegex(@"\A[A-Z]{2,6}\z")]
    private static partial Regex NumberCode();
}
