using KernelGen.Sweeps.Tests;
using KernelGen.Training;

// The process that KillTests kills: a sweep of args[1] runs of args[2] milliseconds each, two at once, in the database args[0].
if (args.Length != 3)
{
    return 2;
}
using SweepStore store = SweepStore.Open(args[0], create: true);
SweepRunner.Run(
    FakeRuns.Some(int.Parse(args[1])),
    store,
    FakeRuns.Trainer(TimeSpan.FromMilliseconds(int.Parse(args[2]))),
    new SweepOptions { Threads = 2 }
);
return 0;
