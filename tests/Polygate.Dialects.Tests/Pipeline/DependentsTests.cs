using CsCheck;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Tests.Pipeline;

/// <summary>Whoever looked at something is found when it changes: one, some or so many that they are only counted.</summary>
public sealed class DependentsTests
{
    private static readonly Dependency[] Subjects =
        [.. Enumerable.Range(0, 4).Select(number => new Dependency(typeof(DependentsTests), "default", $"subject-{number}"))];

    /// <summary>Who looks at what from now on; the first subject is looked at most.</summary>
    private static readonly Gen<(int Looker, bool[] Looks)[]> Steps =
        Gen.Select(Gen.Int[0, 99], Gen.Select(Gen.Double, Gen.Double, Gen.Double, Gen.Double)
            .Select((first, second, third, fourth) => new[] { first < 0.9, second < 0.5, third < 0.1, fourth < 0.02 })).Array[0, 400];

    [Fact]
    public void Those_found_are_those_who_look() => Steps.Sample(steps =>
    {
        var lookers = Enumerable.Range(0, 100).Select(number => new Looker(number)).ToArray();
        var dependents = new Dependents<Looker>();
        var known = new HashSet<Dependency>();
        foreach (var (number, looks) in steps)
        {
            Look(dependents, lookers[number], [.. Subjects.Where((_, subject) => looks[subject])], known);
        }

        foreach (var subject in Subjects)
        {
            var expected = lookers.Where(looker => looker.At.Contains(subject)).ToHashSet();
            Assert.True(expected.SetEquals(dependents.Of([subject], lookers, looker => looker.At)));
            Assert.Equal(expected.Count > 0, known.Contains(subject));
        }
    });

    [Fact]
    public void Of_several_changes_everybody_concerned_is_found()
    {
        var lookers = Enumerable.Range(0, 2 * Dependents<Looker>.Many).Select(number => new Looker(number)).ToArray();
        var dependents = new Dependents<Looker>();
        var known = new HashSet<Dependency>();
        foreach (var looker in lookers)
        {
            Look(dependents, looker, looker.Number == 0 ? [Subjects[1]] : [Subjects[0]], known);
        }

        Assert.True(dependents.AreMany(Subjects[0]));
        Assert.False(dependents.AreMany(Subjects[1]));
        Assert.Equal(lookers.Length, dependents.Of(Subjects, lookers, looker => looker.At).Count);
    }

    /// <summary>Notes what somebody looks at now, and checks who is told to be the first and the last.</summary>
    private static void Look(Dependents<Looker> dependents, Looker looker, Dependency[] now, HashSet<Dependency> known)
    {
        foreach (var added in now.Except(looker.At))
        {
            Assert.Equal(known.Add(added), dependents.Add(added, looker));
        }

        foreach (var gone in looker.At.Except(now))
        {
            if (dependents.Remove(gone, looker))
            {
                Assert.True(known.Remove(gone));
            }
        }

        looker.At = now;
    }

    private sealed record Looker(int Number)
    {
        public Dependency[] At { get; set; } = [];

        public bool Equals(Looker? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => Number;
    }
}
