"""
A pytest plugin for ceph/s3-tests. It says to a store with one account, without access control lists and without Signature
Version 2 what the suite says in terms of these; what is expected of the store stays as the suite has it.

- The second account is played by nobody: requests without a signature, which policies for everyone allow as well.
- The tenant is played by the first account.
- Forms signed with Version 2 are signed with Version 4. A wrong signature stays wrong.
- Where SKYCRATE_S3_CLOCK names a file of libfaketime, a sleep of so many lifecycle intervals moves the clock by so many days,
  and lifecycle configurations ask for small objects to be moved too, as S3 did before 2024.
- In the tests named in SKYCRATE_S3_LISTS, which are about something else, a canned list is put as the bucket policy that
  says the same. All other tests send their lists as they are.
"""

import base64
import collections
import datetime
import hashlib
import hmac
import json
import os
import time

import botocore.client
import requests
from botocore.exceptions import ClientError

TRANSLATED = set(os.environ.get('SKYCRATE_S3_LISTS', '').split())
READ = {'public-read', 'public-read-write'}
REGION = 'us-east-1'
CLOCK = os.environ.get('SKYCRATE_S3_CLOCK')
# Of the suite's configuration, as nothing else sleeps so long.
INTERVAL = 1000
# Until a process has read the file again.
PATIENCE = 1.2

current = {'translated': False, 'days': 0, 'endpoint': ''}


def pytest_configure():
    import s3tests.functional as suite

    tidy = suite.nuke_prefixed_buckets
    strangers = []

    def nobody(client_config=None):
        client = suite.get_unauthenticated_client()
        strangers.append(client)
        return client

    # Nobody owns buckets, so none of theirs are to be tidied away.
    def tidy_owned(prefix, client=None):
        if not any(client is each for each in strangers):
            tidy(prefix, client)

    suite.get_alt_client = nobody
    suite.get_tenant_client = suite.get_client
    suite.nuke_prefixed_buckets = tidy_owned
    requests.post = lambda url, **given: post(url, **sign_again(given, suite.get_main_aws_secret_key()))


def pytest_runtest_setup(item):
    import s3tests.functional as suite

    current['endpoint'] = suite.get_config_endpoint()
    current['translated'] = item.originalname in TRANSLATED


def statements(bucket, key, acl):
    arn = f'arn:aws:s3:::{bucket}'
    if acl not in READ:
        return []
    if key is not None:
        return [('s3:GetObject', f'{arn}/{key}')]
    writes = [(['s3:PutObject', 's3:PutObjectTagging', 's3:DeleteObject'], f'{arn}/*')]
    return [('s3:ListBucket', arn), *(writes if acl == 'public-read-write' else [])]


call = botocore.client.BaseClient._make_api_call


def call_translated(self, operation, kwargs):
    if CLOCK is not None and operation == 'PutBucketLifecycleConfiguration':
        # Objects of a few bytes would stay where they are.
        kwargs = {'TransitionDefaultMinimumObjectSize': 'varies_by_storage_class', **kwargs}
    known = operation in ('CreateBucket', 'PutBucketAcl', 'PutObject', 'PutObjectAcl')
    if not current['translated'] or not known or 'ACL' not in kwargs:
        return call(self, operation, kwargs)
    kwargs = dict(kwargs)
    acl = kwargs.pop('ACL')
    bucket = kwargs['Bucket']
    answer = {} if operation.endswith('Acl') else call(self, operation, kwargs)
    allowed = statements(bucket, kwargs.get('Key'), acl)
    if allowed:
        try:
            policy = json.loads(call(self, 'GetBucketPolicy', {'Bucket': bucket})['Policy'])
        except ClientError:
            policy = {'Version': '2012-10-17', 'Statement': []}
        for action, resource in allowed:
            policy['Statement'].append({'Effect': 'Allow', 'Principal': '*', 'Action': action, 'Resource': resource})
        call(self, 'PutBucketPolicy', {'Bucket': bucket, 'Policy': json.dumps(policy)})
    return answer


botocore.client.BaseClient._make_api_call = call_translated
post = requests.post
sleep = time.sleep


def move_clock(days):
    current['days'] += days
    with open(CLOCK, 'w') as file:
        file.write(f'+{current["days"]}d\n')
    sleep(PATIENCE)
    # The store waits for its next timer by the clock of the kernel; a request wakes it, and it sees that an hour is over.
    requests.get(current['endpoint'])
    sleep(PATIENCE)


def sleep_by_days(seconds):
    if CLOCK is None or seconds < INTERVAL:
        return sleep(seconds)
    move_clock(seconds / INTERVAL)
    # Some rules wait for what others did in the round before.
    move_clock(1 / 20)
    move_clock(1 / 20)


time.sleep = sleep_by_days


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sign_again(given, secret):
    form = given.get('files')
    if not isinstance(form, dict):
        return given
    names = {name.lower(): name for name in form}
    if current['translated'] and 'policy' not in names:
        # The list that the bucket's policy stands for as well.
        return {**given, 'files': collections.OrderedDict((name, form[name]) for name in form if name != 'acl')}
    if not {'awsaccesskeyid', 'policy', 'signature'} <= set(names):
        return given
    old = {name: form[names[name]] for name in ('awsaccesskeyid', 'policy', 'signature')}
    expected = base64.b64encode(hmac.new(secret.encode(), old['policy'], hashlib.sha1).digest())
    now = datetime.datetime.now(datetime.timezone.utc)
    day = now.strftime('%Y%m%d')
    added = {
        'x-amz-algorithm': 'AWS4-HMAC-SHA256',
        'x-amz-credential': f'{old["awsaccesskeyid"]}/{day}/{REGION}/s3/aws4_request',
        'x-amz-date': now.strftime('%Y%m%dT%H%M%SZ'),
    }
    document = json.loads(base64.b64decode(old['policy']))
    if isinstance(document.get('conditions'), list):
        document['conditions'] += [{name: value} for name, value in added.items()]
    text = base64.b64encode(json.dumps(document).encode()).decode()
    key = f'AWS4{secret}'.encode()
    for part in (day, REGION, 's3', 'aws4_request'):
        key = digest(key, part)
    proof = digest(key, text).hex()
    added |= {names['policy']: text, 'x-amz-signature': proof if old['signature'] == expected else proof[::-1]}
    signed = collections.OrderedDict()
    for name, value in form.items():
        if name == 'file':
            signed.update(added)
        if name.lower() not in old:
            signed[name] = value
    return {**given, 'files': signed}
