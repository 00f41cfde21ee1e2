#!/usr/bin/env python3
"""What tour.py takes for the same, with lines of kubectl 1.20 and of later ones, and when it takes a pod for ready."""
import unittest

import tour

# one line of kubectl 1.20 against a server of 1.20, and the same of 1.36
SAME = [
    ('pod "random-refresher-q6bh7" deleted', 'pod "random-refresher-7xk2p" deleted from random-refresher namespace'),
    ('daemonset.apps "random-refresher" deleted', 'daemonset.apps "random-refresher" deleted from random-refresher namespace'),
    ('service "random-refresher-any" deleted', 'service "random-refresher-any" deleted from random-refresher namespace'),
    ('namespace "random-refresher" deleted', 'namespace "random-refresher" deleted'),
    ('random-refresher-j6sdz   2/2     Running   1          62s', 'random-refresher-x4d8n   2/2     Running   1 (5s ago)   41s'),
    ('random-refresher-j6sdz   2/2     Running   1          2m4s', 'random-refresher-x4d8n   2/2     Running   1 (1m30s ago)   2m11s'),
    ('file        /n.txt: 5000 numbers, int32, 54917 bytes, 12 s old', 'file        /n.txt: 5000 numbers, int32, 54911 bytes, 2.5 s old'),
    ('node1: 7.166058 bits per sample of 8', 'node1: 0.9 bits per sample of 8'),
    ('NAME                     READY   STATUS    RESTARTS   AGE', 'NAME                     READY   STATUS    RESTARTS     AGE'),
]
# what changes the meaning stays different
DIFFERENT = [
    ('random-refresher-j6sdz   2/2     Running   1          62s', 'random-refresher-x4d8n   2/2     Running   2 (5s ago)   41s'),
    ('random-refresher-j6sdz   2/2     Running   1          62s', 'random-refresher-x4d8n   1/2     Running   1 (5s ago)   41s'),
    ('service "random-refresher" deleted', 'service "random-refresher-any" deleted from random-refresher namespace'),
    ('service "random-refresher" deleted', 'pod "random-refresher" deleted from random-refresher namespace'),
    ('10000', '10000 lines deleted from that namespace'),
]


class Tour(unittest.TestCase):
    def test_lines_of_both_versions_are_the_same(self):
        for old, new in SAME:
            self.assertEqual(tour.plain([old], ['node1']), tour.plain([new], ['node1']))

    def test_lines_that_mean_something_else_are_not(self):
        for one, other in DIFFERENT:
            self.assertNotEqual(tour.plain([one], ['node1']), tour.plain([other], ['node1']))

    def test_the_question_behind_a_wait(self):
        tail = " -o 'jsonpath={.status.conditions[?(@.type==\"Ready\")].status}'"
        for wait, get in [
                ('kubectl wait -n tour --for=condition=Ready pod/login --timeout=120s', 'kubectl get -n tour pod/login'),
                ('kubectl wait --for=condition=Ready pod/$POD --timeout=60s', 'kubectl get pod/$POD'),
                ('kubectl -n kube-system wait --for=condition=Ready pod/a-$NODE --timeout=120s', 'kubectl -n kube-system get pod/a-$NODE')]:
            self.assertEqual(tour.question(wait), get + tail)
        self.assertIsNone(tour.question('kubectl wait --for=delete pod -l a=b --timeout=60s >/dev/null'))
        self.assertIsNone(tour.question('kubectl get pods'))

    def test_ready_counts_once_it_has_held(self):
        for told, seconds in [([True] * 11, 10), ([True] * 3 + [False] * 2 + [True] * 11, 15), ([False] * 200, None),
                              ([True, True, False] * 50, None), ([True] * 10 + [False] + [True] * 11, 21)]:
            slept, answers = [], iter(told)
            self.assertEqual(tour.settle(lambda: next(answers), slept.append), seconds is not None)
            if seconds is not None:
                self.assertEqual(len(slept), seconds)


if __name__ == '__main__':
    unittest.main()
