using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;

namespace Polygate.Dialects.GatewayApi;

/// <summary>
/// What is wrong inside a route: diagnostics, each once although the route may stand on several Gateways, and the
/// condition ResolvedRefs.
/// </summary>
internal sealed class RouteReport
{
    private readonly TranslationContext? context;
    private readonly HashSet<(string Code, string Field)> reported = [];

    /// <param name="context">Receives the diagnostics; null for nobody: what is looked at belongs to another object, which reports it itself.</param>
    public RouteReport(TranslationContext? context) => this.context = context;

    /// <summary>The first part that is not served; null when all are.</summary>
    public Problem? FirstProblem { get; private set; }

    /// <summary>The first reference that did not resolve; null when all did.</summary>
    public Problem? FirstUnresolved { get; private set; }

    /// <summary>A reference that does not resolve.</summary>
    public void Unresolved(Problem problem)
    {
        FirstUnresolved ??= problem;
        Problem(problem);
    }

    /// <summary>A part that is not served.</summary>
    public void Problem(Problem problem)
    {
        FirstProblem ??= problem;
        if (reported.Add((problem.Reason, problem.Field)))
        {
            context?.Report(problem);
        }
    }

    /// <summary>A part that is not served, without a condition of its own.</summary>
    public void Fault(string code, string message, string field)
    {
        FirstProblem ??= new Problem("Invalid", message, field);
        if (reported.Add((code, field)))
        {
            context?.Error(code, message, field);
        }
    }

    /// <summary>A field that has no effect.</summary>
    public void Warn(string code, string message, string field)
    {
        if (reported.Add((code, field)))
        {
            context?.Warning(code, message, field);
        }
    }
}
