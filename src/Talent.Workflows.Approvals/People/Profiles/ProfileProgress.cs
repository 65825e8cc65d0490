using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Forms;

namespace Talent.Workflows.Approvals.People.Profiles;

/// <summary>How far a profile is, computed from what is there and what the profile's form asks for. Pure.</summary>
/// <remarks>Source: R-PER-1.</remarks>
public sealed record ProfileProgress
{
    /// <summary>By step, in the order of the form.</summary>
    public required IReadOnlyList<StepProgress> Steps { get; init; }

    /// <summary>What is missing or wrong, in the order of the form; what is asked for beside the form comes first.</summary>
    public required IReadOnlyList<ProfileGap> Gaps { get; init; }

    /// <summary>Whether nothing is missing and nothing wrong.</summary>
    public bool IsComplete => Gaps.Count == 0;

    /// <summary>How many steps are complete.</summary>
    public int Done => Steps.Count(s => s.State == StepState.Complete);

    /// <param name="hasResidentId">Whether the identity number is known.</param>
    /// <param name="hasPhone">Whether a mobile number is known.</param>
    /// <param name="saved">The data of the steps that were saved, by step.</param>
    /// <param name="today">The business date in Asia/Shanghai, for dates that may not lie ahead.</param>
    public static ProfileProgress Of(ProfileForm form, bool hasResidentId, bool hasPhone, IReadOnlyDictionary<string, JsonElement> saved, DateOnly today)
    {
        var gaps = new List<ProfileGap>();
        if (!hasResidentId)
            gaps.Add(new ProfileGap("identity", "residentId", ProfileGapCodes.NoResidentId, "请填写身份证号码", "Give the identity number"));
        if (!hasPhone)
            gaps.Add(new ProfileGap("identity", "phone", ProfileGapCodes.NoPhone, "请填写手机号码", "Give a mobile number"));
        return Of(form, gaps, saved, today);
    }

    /// <param name="first">What is missing beside the form; it comes first.</param>
    /// <inheritdoc cref="Of(ProfileForm, bool, bool, IReadOnlyDictionary{string, JsonElement}, DateOnly)"/>
    public static ProfileProgress Of(ProfileForm form, IReadOnlyList<ProfileGap> first, IReadOnlyDictionary<string, JsonElement> saved, DateOnly today)
    {
        var (gaps, data) = (new List<ProfileGap>(first), Data(saved));
        gaps.AddRange(form.Form.Validate(data, 1, FormMode.Submit, today, data).Select(e => new ProfileGap(form.StepOf(e.Path), e.Path, e.Code, e.Zh, e.En)));
        return new ProfileProgress
        {
            Gaps = gaps,
            Steps = [.. form.Steps.Select(s => new StepProgress(s.Key, !saved.ContainsKey(s.Key) ? StepState.Empty : gaps.Any(g => g.Step == s.Key) ? StepState.Partial : StepState.Complete))],
        };
    }

    /// <summary>All saved steps as one object.</summary>
    public static JsonElement Data(IReadOnlyDictionary<string, JsonElement> saved)
    {
        var all = new JsonObject();
        foreach (var data in saved.Values)
            foreach (var field in data.EnumerateObject())
                all[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        return JsonSerializer.SerializeToElement(all);
    }
}

public sealed record StepProgress(string Step, StepState State);

public enum StepState
{
    /// <summary>未填写: never saved.</summary>
    Empty,

    /// <summary>未完成: saved, and something is missing or wrong.</summary>
    Partial,

    /// <summary>已完成.</summary>
    Complete,
}
