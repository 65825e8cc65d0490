using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>Talent.Notify: tells people of an event of the service's <c>messages.json</c>.</summary>
/// <remarks>Source: R-NTF-1, R-NTF-3.</remarks>
public sealed class Notify : Activity
{
    private static readonly Input<string> Event = new("event", "消息 Event", "messages.json 中的消息，如 case.completed。") { Required = true, UiHint = "dropdown", ChoicesFrom = "messages" };
    private static readonly Input<string> To = new("to", "收件人 To", "告知谁。")
    {
        Default = RecipientKinds.Applicant,
        UiHint = "dropdown",
        Choices = [(RecipientKinds.Applicant, "申报人 applicant"), (RecipientKinds.Role, "角色 role"), (RecipientKinds.Superior, "角色的上级 superior"), (RecipientKinds.User, "用户 user")],
    };
    private static readonly Input<string> Role = new("role", "角色 Role", "收件人为角色或其上级时。") { UiHint = "dropdown", ChoicesFrom = "roles" };
    private static readonly Input<string> Organisation = new("organisation", "单位 Organisation", "在哪个单位担任该角色。") { UiHint = "dropdown", ChoicesFrom = "organisations" };
    private static readonly Input<string> User = new("user", "用户 User", "收件人为用户时。");
    private static readonly Input<JsonElement> Facts = new("facts", "事实 Facts", "编号、日期、环节名称；不得含个人信息。") { UiHint = "json-editor" };

    public override ActivityDescriptor Descriptor { get; } = new("Talent.Notify", "Talent", "发送通知 Notify", "按模板告知相关人员。Tells people by template.") { Inputs = [Event, To, Role, Organisation, User, Facts] };

    protected override void Execute(ActivityContext context)
    {
        var recipient = context.Get(To) switch
        {
            RecipientKinds.Role => Recipient.Holders(Needed(context, Role), context.GetOrganisation(Organisation)),
            RecipientKinds.Superior => Recipient.Superior(Needed(context, Role), context.GetOrganisation(Organisation)),
            RecipientKinds.User => Recipient.User(Needed(context, User)),
            _ => Recipient.Applicant,
        };
        var facts = new Dictionary<string, string> { ["phase"] = context.State.Phase().ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (context.Get(Facts) is { ValueKind: JsonValueKind.Object } given)
            foreach (var fact in given.EnumerateObject())
                facts[fact.Name] = fact.Value.ValueKind == JsonValueKind.String ? fact.Value.GetString()! : fact.Value.GetRawText();
        context.Emit(new NotifyEffect(context.NewId("told"), context.Get(Event)!, [recipient], facts));
        context.Complete();
    }

    private static string Needed(ActivityContext context, Input<string> input) => context.Get(input) is { Length: > 0 } value ? value
        : throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' needs input '{input.Name}' for this recipient. Set it in the designer.", $"活动“{context.Node.DisplayText}”缺少输入“{input.DisplayName}”。");
}
