using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Gloo.Routes;

/// <summary>A route after delegation: what it matches and its options with everything inherited.</summary>
/// <param name="Owner">The VirtualService or RouteTable that holds it.</param>
/// <param name="Field">Where it stands there.</param>
/// <param name="Path">The way to it from the virtual service, for identities: indexes and delegated tables.</param>
/// <param name="Spec">The route as written.</param>
/// <param name="Matchers">At least one.</param>
/// <param name="Options">Own, referenced and inherited options.</param>
internal sealed record EffectiveRoute(
    Resource Owner, string Field, string Path, RouteSpec Spec, IReadOnlyList<MatcherSpec> Matchers, RouteOptions Options);
